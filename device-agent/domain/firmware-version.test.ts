import { expect, test } from 'vitest'
import { committedFirmware, firmwareVersionOf } from './firmware-version.ts'

test('a device that was never updated runs what its system says', () => {
  expect(firmwareVersionOf({ memory: {} }, 'debian 13')).toBe('debian 13')
})

test('an update of what the system has no name for counts as long as the system is the same', () => {
  const memory = { firmwareUpdate: committedFirmware('2.0', 'debian 13') }
  expect(firmwareVersionOf({ memory }, 'debian 13')).toBe('2.0')
  expect(firmwareVersionOf({ memory }, 'debian 14')).toBe('debian 14')
})

test('a memory that cannot be read is none', () => {
  expect(firmwareVersionOf({ memory: { firmwareUpdate: 'hello' } }, 'debian 13')).toBe('debian 13')
})
