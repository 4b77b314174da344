import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCommandReport, readReported } from './reported.ts'

const reboot = {
  ...{ actionId: 'a', status: 'completed', bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
  ...{
    lastReboot: '2026-01-01T00:00:05Z',
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:00:05Z',
  },
}
const agent = {
  ...{ version: '1', bootId: 'boot-2', bootedAt: '2026-01-01T00:00:05+09:00', firmwareVersion: '2.4.1' },
  ...{ platform: 'linux/arm64', actions: ['reboot'], keepsOnReset: ['network'] },
}
const parts = ['reboot', 'factoryReset', 'firmwareUpdate', 'agent']
const read = (iothubDM: unknown) => readReported({ iothubDM })

describe('the reported properties of an agent', () => {
  test('are read as they were written', () => {
    expect(read({ reboot, agent })).toEqual({ reboot, agent })
  })

  test('may hold more than is known, at every level', () => {
    const more = { $metadata: {}, future: 1 }
    expect(readReported({ iothubDM: { reboot: { ...reboot, ...more }, agent, ...more }, ...more })).toEqual({
      reboot,
      agent,
    })
  })

  test('may have nulls where something is absent', () => {
    const { lastReboot: _, ...rest } = reboot
    expect(read({ reboot: { ...rest, lastReboot: null, error: null } }).reboot).toEqual(rest)
  })

  test('tell why a reboot failed, also in words that are not known', () => {
    const failed = { ...reboot, status: 'failed', error: { code: 'gremlins', message: 'ate it' } }
    expect(read({ reboot: failed }).reboot?.error).toEqual({ code: 'gremlins', message: 'ate it' })
  })
})

describe('the other parts', () => {
  test('tell what a factory reset left in place', () => {
    const factoryReset = { actionId: 'a', status: 'completed', kept: ['identity', 'network'] }
    expect(read({ factoryReset }).factoryReset).toEqual(factoryReset)
    expect(read({ factoryReset: { actionId: 'a', status: 'cancelled' } }).factoryReset?.kept).toEqual([])
    expect(read({ factoryReset: { actionId: 'a', status: 'armed' } }).factoryReset).toBeUndefined()
  })

  test('tell why a device is locked and how often it restarted by itself', () => {
    const more = { ...agent, updateLock: 'surgery', unexpectedReboots: 3 }
    expect(read({ agent: more }).agent).toEqual(more)
    expect(read({ agent: { ...agent, unexpectedReboots: 'many' } }).agent?.unexpectedReboots).toBe(0)
  })

  test('tell how a command of the device went, under its own name', () => {
    const backup = { actionId: 'a', status: 'running', progress: 40 }
    expect(readCommandReport({ iothubDM: { backup } }, 'backup')).toEqual(backup)
    expect(readCommandReport({ iothubDM: { backup } }, 'constructor')).toBeUndefined()
    expect(readCommandReport({ iothubDM: { backup: { status: 'running' } } }, 'backup')).toBeUndefined()
  })
})

describe('hostile or foreign reported properties', () => {
  test.each([
    ['of the tutorial', { lastReboot: '2026-01-01T00:00:05Z' }],
    ['of the sample', { startedRebootTime: '2026-01-01T00:00:05Z' }],
    ['with a status of another kind', { ...reboot, status: 'rebooting' }],
    ['with a number for a boot id', { ...reboot, bootIdAfter: 7 }],
    ['with an action id that no app makes', { ...reboot, actionId: '<script>' }],
    ['with a time that is none', { ...reboot, endedAt: 'yesterday' }],
    ['with a boot id of a megabyte', { ...reboot, bootIdAfter: 'x'.repeat(2 ** 20) }],
    ['that is a list', [reboot]],
  ])('%s are no report of a reboot, and spoil nothing else', (_, value) => {
    expect(read({ reboot: value, agent })).toEqual({ agent })
  })

  test('are cut where they are only shown', () => {
    const long = 'x'.repeat(10_000)
    const { error } =
      read({ reboot: { ...reboot, status: 'failed', error: { code: long, message: long } } }).reboot ?? {}
    expect([error?.code.length, error?.message?.length]).toEqual([64, 512])
    const who = read({
      agent: { ...agent, version: long, actions: [long, 7, ...Array<string>(100).fill('x')] },
    }).agent
    expect(who?.version).toHaveLength(64)
    expect(who?.actions.length).toBeLessThanOrEqual(32)
    expect(who?.actions[0]).toHaveLength(64)
  })

  test('leave no half of a character behind when they are cut', () => {
    const { error } = read({ reboot: { ...reboot, error: { code: `${'x'.repeat(63)}😀` } } }).reboot ?? {}
    expect(error?.code.isWellFormed()).toBe(true)
  })

  test('never throw, run nothing, and change no prototype', () => {
    const trap = {
      get iothubDM() {
        throw new Error('a getter ran')
      },
    }
    expect(readReported(trap)).toEqual({})
    expect(
      readReported(JSON.parse('{"__proto__":{"iothubDM":{}},"iothubDM":{"__proto__":{"agent":1}}}')),
    ).toEqual({})
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (value) => {
        expect(Object.keys(readReported(value))).toEqual(parts)
        expect(Object.keys(read({ reboot: value, agent: value }))).toEqual(parts)
      }),
    )
  })
})
