import { expect, test } from 'vitest'
import { toConnectionOptions } from './connection-settings.ts'
import { toFirmwareOptions } from './firmware/firmware-settings.ts'
import { toOptions } from './options.ts'

test('what nothing sets has its default', () => {
  expect(toOptions({}, {})).toEqual({
    connectionStringFile: '/etc/drover-agent/connection-string',
    connection: toConnectionOptions({}),
    firmware: toFirmwareOptions({}),
    stateFolder: '/var/lib/drover-agent',
    caFile: undefined,
    updateLockFile: '/etc/drover-agent/update-lock',
    helperSocket: '/run/drover-agent-helper.sock',
    rebootPatienceMs: undefined,
    reset: { wipe: [], keep: [], command: undefined },
    commandsFolder: '/etc/drover-agent/commands.d',
    commandTimeoutMs: undefined,
    simulatedDownMs: undefined,
  })
})

test('the command line counts more than the configuration, one setting at a time', () => {
  const options = toOptions({ 'state-dir': '/line' }, { 'state-dir': '/file', ca: '/file.pem' })
  expect(options).toMatchObject({ stateFolder: '/line', caFile: '/file.pem' })
})

test('seconds become milliseconds, and the down time counts only for a simulated machine', () => {
  expect(toOptions({ 'reboot-patience': '0.5', simulate: 'yes' })).toMatchObject({
    rebootPatienceMs: 500,
    simulatedDownMs: 5_000,
  })
  expect(toOptions({ simulate: 'no', 'simulate-down': '1' }).simulatedDownMs).toBeUndefined()
})
