import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../hub/json.ts'
import { dialects } from './dialects.ts'
import { reactWith, scriptWith } from './faults.ts'
import type { DeviceFault } from './faults.ts'
import type { Call, FirmwareOutcome, LightDialect, LightState, Step } from './script.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const state: LightState = { deviceId: 'd', bootId: 'boot-1', bootedAt: start, firmwareVersion: '1.0.0' }

const call = (method: string, payload: JsonValue = null, different: Partial<Call> = {}): Call => ({
  ...{ method, payload, state, now: start, running: undefined, done: undefined },
  ...{ downMs: 2_000, phaseMs: 1_000, firmware: 'succeeds', newId: () => 'made-up-id-0123456789' },
  ...different,
})

/** What the hub would have in the twin after each report, and when the device was away. */
function played(script: readonly Step[]): readonly unknown[] {
  let [now, current] = [start, state]
  return script.flatMap((step): unknown[] => {
    switch (step.kind) {
      case 'wait':
        now += step.ms
        return []
      case 'report':
        return [step.patch({ now, state: current })]
      case 'restart':
        now += step.downMs
        current = {
          ...current,
          bootId: 'boot-2',
          bootedAt: now,
          firmwareVersion: step.firmwareVersion ?? '1.0.0',
        }
        return ['restart']
    }
  })
}

function update(
  dialect: LightDialect,
  payload: JsonValue,
  firmware: FirmwareOutcome = 'succeeds',
): readonly unknown[] {
  const method = dialect === dialects.remoteMonitoring ? 'FirmwareUpdate' : 'firmwareUpdate'
  return played(dialect.react(call(method, payload, { firmware }))?.script ?? [])
}

/** The values at a path, one for each report that has one. */
function valuesAt(reports: readonly unknown[], ...path: readonly string[]): readonly unknown[] {
  return reports.flatMap((report) => {
    let value: unknown = report
    for (const key of path) value = (value as JsonObject | undefined)?.[key]
    return value === undefined ? [] : [value]
  })
}

const uri = 'https://example.com/firmware-2.1.0.bin'

describe('the tutorials', () => {
  test.each([
    ['tutorial', { iothubDM: { reboot: { lastReboot: '2026-01-01T00:00:00.000Z' } } }],
    ['sample', { iothubDM: { reboot: { startedRebootTime: '2026-01-01T00:00:00.000Z' } } }],
    ['java', { lastReboot: '2026-01-01T00:00:00.000' }],
  ] as const)('%s writes the time of the reboot before it restarts', (name, patch) => {
    const reaction = dialects[name].react(call('reboot'))
    expect(reaction?.answer).toEqual({ status: 200, payload: 'Reboot started' })
    expect(played(reaction?.script ?? [])).toEqual([patch, 'restart'])
  })

  test.each([
    ['tutorial', ['waiting', 'downloading', 'downloadComplete', 'applying', 'applyComplete']],
    ['sample', ['waiting', 'downloading', 'download complete', 'applying', 'apply firmware image complete']],
  ] as const)(
    '%s reports an update in its own words, whether asked by an object or a text',
    (name, words) => {
      for (const payload of [{ fwPackageUri: uri }, JSON.stringify({ fwPackageUri: uri })]) {
        const reports = update(dialects[name], payload)
        expect(valuesAt(reports, 'iothubDM', 'firmwareUpdate', 'status')).toEqual(words)
        expect(reports.at(-1)).toBe('restart')
      }
    },
  )

  test.each([
    ['tutorial', 'failsDownload', 'downloadFailed'],
    ['tutorial', 'rollsBack', 'applyFailed'],
    ['sample', 'failsDownload', 'Download image failed'],
    ['sample', 'rollsBack', 'Apply image failed'],
  ] as const)('%s with an update that %s ends as %s, and does not restart', (name, firmware, word) => {
    const reports = update(dialects[name], { fwPackageUri: uri }, firmware)
    expect(valuesAt(reports, 'iothubDM', 'firmwareUpdate', 'status').at(-1)).toBe(word)
    expect(reports).not.toContain('restart')
  })

  test('an address that is not https is refused, and an unknown method is never answered', () => {
    expect(dialects.sample.react(call('firmwareUpdate', { fwPackageUri: 'http://x' }))).toMatchObject({
      answer: { status: 400 },
      script: [],
    })
    expect(dialects.sample.react(call('factoryReset'))).toBeUndefined()
  })
})

describe('the agent', () => {
  const asked = (method: string, payload: JsonObject, different?: Partial<Call>) =>
    dialects.agent.react(call(method, { actionId: 'a', ...payload }, different))

  test('proves a reboot by two boot ids', () => {
    const reaction = asked('reboot', { notAfter: '2026-01-01T00:01:00Z' })
    expect(reaction?.answer).toEqual({ status: 202, payload: { actionId: 'a', state: 'accepted' } })
    expect(played(reaction?.script ?? [])).toEqual([
      'restart',
      {
        iothubDM: {
          agent: expect.objectContaining({ bootId: 'boot-2', firmwareVersion: '1.0.0' }) as unknown,
          reboot: {
            ...{ actionId: 'a', status: 'completed', bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
            lastReboot: '2026-01-01T00:00:02.000Z',
            startedAt: '2026-01-01T00:00:00.000Z',
            endedAt: '2026-01-01T00:00:02.000Z',
          },
        },
      },
    ])
  })

  test('takes two calls for a factory reset, and the first changes nothing', () => {
    const armed = asked('factoryReset', { phase: 'arm' })
    expect(armed).toMatchObject({
      answer: { status: 200, payload: { state: 'armed', willReturn: true } },
      script: [],
    })
    const { nonce } = armed?.answer.payload as { nonce: string }
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{16,128}$/)
    const reports = played(asked('factoryReset', { phase: 'execute', nonce })?.script ?? [])
    expect(valuesAt(reports, 'iothubDM', 'factoryReset', 'status')).toEqual(['completed'])
  })

  test.each([
    ['succeeds', ['downloading', 'downloading', 'verifying', 'applying', 'applyComplete'], '2.1.0'],
    ['failsDownload', ['downloading', 'downloading', 'downloadFailed'], '1.0.0'],
    ['rollsBack', ['downloading', 'downloading', 'verifying', 'applying', 'rolledBack'], '1.0.0'],
  ] as const)('reports an update that %s', (firmware, words, version) => {
    const reports = update(dialects.agent, { actionId: 'a', fwPackageUri: uri, fwVersion: '2.1.0' }, firmware)
    expect(valuesAt(reports, 'iothubDM', 'firmwareUpdate', 'status')).toEqual(words)
    expect(valuesAt(reports, 'iothubDM', 'agent', 'firmwareVersion')).toEqual([version])
  })

  const work = { actionId: 'a', method: 'reboot', parameters: '{"actionId":"a"}' }

  test.each([
    ['the same action while it runs', { running: work }, { actionId: 'a', answer: [202, 'running'] }],
    ['the same action when it is over', { done: work }, { actionId: 'a', answer: [200, 'completed'] }],
    [
      'the same id for something else',
      { done: work },
      { actionId: 'a', delaySeconds: 1, answer: [409, 'refused'] },
    ],
    ['another action while one runs', { running: work }, { actionId: 'b', answer: [409, 'running'] }],
    [
      'an action that is too late',
      {},
      { actionId: 'b', notAfter: '2025-12-31T23:59:59Z', answer: [410, 'refused'] },
    ],
  ] as const)('answers %s without a second effect', (_, different, { answer, ...payload }) => {
    const [status, word] = answer
    const reaction = dialects.agent.react(call('reboot', payload, different))
    expect(reaction).toMatchObject({ answer: { status, payload: { state: word } }, script: [] })
  })

  test('refuses what it does not know, and answers the tutorial in its own words', () => {
    expect(asked('dance', {})?.answer.status).toBe(501)
    expect(dialects.agent.react(call('reboot', [1]))?.answer.status).toBe(400)
    const reaction = dialects.agent.react(call('reboot'))
    expect(reaction?.answer).toEqual({ status: 200, payload: 'Reboot started' })
    expect(valuesAt(played(reaction?.script ?? []), 'iothubDM', 'reboot', 'status')).toEqual(['completed'])
  })
})

test('Remote Monitoring lists its methods, and reports at the root', () => {
  const { remoteMonitoring } = dialects
  expect(remoteMonitoring.hello({ now: start, state })).toMatchObject({
    SupportedMethods: 'Reboot,FactoryReset,FirmwareUpdate',
    Firmware: '1.0.0',
  })
  expect(played(remoteMonitoring.react(call('Reboot'))?.script ?? [])).toEqual(['restart'])
  expect(remoteMonitoring.react(call('FirmwareUpdate', {}))?.answer).toEqual({
    status: 400,
    payload: 'Missing firmware value',
  })
  const reports = update(remoteMonitoring, { Firmware: '2.0', FirmwareUri: uri })
  expect(reports.at(-1)).toEqual({ Firmware: '2.0', FirmwareUpdateStatus: 'Firmware updated' })
})

test('Windows IoT proves a reboot by the time of the boot', () => {
  const { windows } = dialects
  const hello = windows.hello({ now: start, state: { ...state, bootedAt: start + 5_000 } })
  expect(hello).toEqual({ windows: { rebootInfo: { lastBootTime: '2026-01-01T00:00:05.000Z' } } })
  const reports = played(windows.react(call('windows.rebootAsync'))?.script ?? [])
  expect(valuesAt(reports, 'windows', 'rebootInfo', 'lastRebootCmdStatus')).toEqual(['accepted'])
  expect(reports.at(-1)).toBe('restart')
  const reset = played(windows.react(call('windows.startFactoryResetAsync'))?.script ?? [])
  expect(valuesAt(reset, 'windows', 'factoryReset', 'lastChange', 'state')).toEqual(['pending', 'completed'])
})

describe('a device that is told by desired properties', () => {
  const desired = (firmware: JsonObject, outcome: FirmwareOutcome = 'succeeds') => {
    const steps = dialects.configuration.desired?.({ firmware }, call('', null, { firmware: outcome }))
    return steps && valuesAt(played(steps), 'firmware', 'fwUpdateStatus')
  }

  test('updates itself', () => {
    expect(desired({ fwVersion: '2.0', fwPackageURI: uri })).toEqual([
      ...['downloading', 'verifying', 'applying', 'rebooting', 'current'],
    ])
  })

  test('has nothing to do for the version that it runs, or for other properties', () => {
    expect(desired({ fwVersion: '1.0.0', fwPackageURI: uri })).toBeUndefined()
    expect(dialects.configuration.desired?.({ level: 1 }, call('', null))).toBeUndefined()
  })

  test('says what went wrong', () => {
    expect(desired({ fwVersion: '2.0', fwPackageURI: 'http://x' })).toEqual(['error'])
    expect(desired({ fwVersion: '2.0', fwPackageURI: uri }, 'failsDownload')?.at(-1)).toBe('error')
    expect(desired({ fwVersion: '2.0', fwPackageURI: uri }, 'rollsBack')?.at(-1)).toBe('rolledback')
  })
})

describe('a device that', () => {
  const reactOf = (fault: DeviceFault) => reactWith(dialects.agent, fault, call('reboot', { actionId: 'a' }))

  test('is silent does nothing and answers nothing', () => {
    expect(reactOf('silent')).toEqual({ answers: [], script: [] })
  })

  test('refuses says so, in the words of its family', () => {
    expect(reactOf('refuses')).toMatchObject({
      answers: [{ status: 503, payload: { actionId: 'a' } }],
      script: [],
    })
    expect(reactWith(dialects.tutorial, 'refuses', call('reboot')).answers).toEqual([
      { status: 500, payload: 'Device is busy' },
    ])
  })

  test('never returns is away for ever', () => {
    expect(reactOf('neverReturns').script[0]).toEqual({ kind: 'restart', downMs: Infinity })
  })

  test('lies reports a reboot with one boot id', () => {
    const reports = played(reactOf('lies').script)
    expect(reports).not.toContain('restart')
    expect(valuesAt(reports, 'iothubDM', 'reboot', 'bootIdAfter')).toEqual(['boot-1'])
  })

  test('is slow takes ten times as long', () => {
    expect(reactOf('slow').script[0]).toEqual({ kind: 'restart', downMs: 20_000 })
    expect(scriptWith('slow', [{ kind: 'wait', ms: 5 }])).toEqual([{ kind: 'wait', ms: 50 }])
  })

  test('duplicates says everything twice, and restarts once', () => {
    const { answers, script } = reactOf('duplicates')
    expect(answers).toHaveLength(2)
    expect(played(script).filter((step) => step === 'restart')).toHaveLength(1)
    expect(script).toHaveLength(3)
  })

  test('fails its update does so in each family that has one', () => {
    const payload = { actionId: 'a', fwPackageUri: uri }
    const { script } = reactWith(dialects.agent, 'rollsBack', call('firmwareUpdate', payload))
    expect(valuesAt(played(script), 'iothubDM', 'firmwareUpdate', 'status').at(-1)).toBe('rolledBack')
  })
})
