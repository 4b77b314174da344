import { expect, test } from 'vitest'
import { deviceRow } from '../testing/values.ts'
import { parseFilter } from './device-filter.ts'

const words = {
  online: ['온라인', 'Online'],
  offline: ['오프라인', 'Offline'],
  enabled: ['Enabled'],
  disabled: ['Disabled'],
}

const pump = deviceRow('Pump-0042', { firmwareVersion: '2.4.1' })
const meter = deviceRow('meter-7', { isConnected: false, isEnabled: false })

function matches(text: string): string[] {
  const filter = parseFilter(text, words)
  return [pump, meter].filter((row) => filter === undefined || filter(row)).map(({ deviceId }) => deviceId)
}

test('no text is no filter', () => {
  expect(parseFilter('   ', words)).toBeUndefined()
})

test('a term matches any part of a device id, in upper or lower case', () => {
  expect(matches('ump-00')).toEqual(['Pump-0042'])
  expect(matches('METER')).toEqual(['meter-7'])
})

test('a term matches a part of the firmware version', () => {
  expect(matches('2.4')).toEqual(['Pump-0042'])
})

test('every term must match', () => {
  expect(matches('pump 2.4')).toEqual(['Pump-0042'])
  expect(matches('pump 9.9')).toEqual([])
})

test('the beginning of a word for a state filters by that state', () => {
  expect(matches('onl')).toEqual(['Pump-0042'])
  expect(matches('offline')).toEqual(['meter-7'])
  expect(matches('disab')).toEqual(['meter-7'])
})

test('words of the person’s own language filter as well', () => {
  expect(matches('온라인')).toEqual(['Pump-0042'])
  expect(matches('오프라인')).toEqual(['meter-7'])
})

test('two letters are a part of ids, not yet a state', () => {
  expect(matches('on')).toEqual([])
})

test('characters that mean something elsewhere mean themselves', () => {
  expect(matches('.*')).toEqual([])
  expect(matches('pump\\')).toEqual([])
})
