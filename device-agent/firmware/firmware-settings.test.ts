import { expect, test } from 'vitest'
import { problemOfSetting } from '../setting-values.ts'
import { toFirmwareOptions } from './firmware-settings.ts'

test('without a setting the device takes no firmware that is not signed, and knows no hardware of its own', () => {
  expect(toFirmwareOptions({})).toEqual({
    keysFolder: '/etc/drover-agent/firmware-keys',
    hardware: undefined,
    modulesFolder: '/etc/drover-agent/update-modules',
    moduleSettingsFolder: '/etc/drover-agent/modules',
    healthCheck: undefined,
    healthMs: undefined,
    unsignedModule: undefined,
    installerSocket: '/run/drover-agent-installer.sock',
    installerFolder: '/var/lib/drover-agent-firmware',
  })
})

test('the time to be well is set in seconds', () => {
  expect(toFirmwareOptions({ 'firmware-health-time': '90' }).healthMs).toBe(90_000)
})

test.each([
  ['firmware-hardware', 'pump mk2'],
  ['firmware-hardware', ''],
  ['firmware-unsigned', '../evil'],
  ['firmware-unsigned', 'yes!'],
  ['firmware-health-time', 'soon'],
  ['firmware-keys', ''],
] as const)('%s cannot be %j', (name, value) => {
  expect(problemOfSetting(name, value)).toMatch(/^must/)
})
