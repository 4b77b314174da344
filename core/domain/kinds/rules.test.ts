import { describe, expect, test } from 'vitest'
import type { ActionKind, ActionParameters } from '../../../contract/app/parameters.ts'
import type { Verdict } from '../../../contract/app/preflight.ts'
import type { DeviceRow } from '../../../contract/app/device.ts'
import { ActionId, DeviceId } from '../../../contract/app/ids.ts'
import { configuration } from '../dialects/configuration.ts'
import { drover } from '../dialects/drover.ts'
import { remoteMonitoring } from '../dialects/remote-monitoring.ts'
import { tutorial } from '../dialects/tutorial.ts'
import { windowsIot } from '../dialects/windows-iot.ts'
import type { Candidate } from './kind.ts'
import { rulesFor, verdictOf } from './rules.ts'

const row: DeviceRow = {
  deviceId: DeviceId.parse('pump-1'),
  isEnabled: true,
  isConnected: true,
  firmwareVersion: '1.0.0',
  source: 'query',
  readAt: '2026-11-23T10:00:00.000Z',
}
const ready: Candidate = {
  row,
  dialect: drover,
  state: { firmwareVersion: '1.0.0' },
  supportedActions: ['reboot', 'factoryReset', 'firmwareUpdate'],
  isBusy: false,
}
const unheard: Candidate = { ...ready, dialect: undefined, state: undefined, supportedActions: undefined }

const candidates = {
  ready,
  missing: { ...ready, row: undefined },
  disabled: { ...ready, row: { ...row, isEnabled: false } },
  busy: { ...ready, isBusy: true },
  offline: { ...ready, row: { ...row, isConnected: false } },
  'an agent that can do nothing': { ...ready, supportedActions: [] },
  'a device never heard of': unheard,
  'a tutorial device': { ...unheard, dialect: tutorial, state: {}, row: withoutVersion() },
  'a Windows device': { ...unheard, dialect: windowsIot, state: { bootTime: 'x' } },
  'a configured device': { ...unheard, dialect: configuration, state: {} },
  'a configured device that is offline': {
    ...unheard,
    dialect: configuration,
    row: { ...row, isConnected: false },
  },
  'a monitored device': {
    ...unheard,
    dialect: remoteMonitoring,
    supportedActions: ['Reboot', 'FactoryReset'],
  },
} satisfies Record<string, Candidate>
type Name = keyof typeof candidates

function withoutVersion(): DeviceRow {
  const { firmwareVersion: _version, ...rest } = row
  return rest
}

const common = { missing: 'missing', disabled: 'disabled', busy: 'busy', offline: 'offline' } as const
const anyMethod = {
  ...common,
  ready: 'ready',
  'an agent that can do nothing': 'ready',
  'a device never heard of': 'ready',
  'a tutorial device': 'ready',
  'a Windows device': 'ready',
  'a configured device': 'ready',
  'a configured device that is offline': 'offline',
  'a monitored device': 'ready',
} as const
const anyPatch = {
  ...anyMethod,
  ...({ disabled: 'ready', offline: 'ready', 'a configured device that is offline': 'ready' } as const),
} as const

const expected: Record<ActionKind, Record<Name, Verdict>> = {
  reboot: {
    ...anyMethod,
    'an agent that can do nothing': 'unsupported',
    'a device never heard of': 'unprovable',
    'a tutorial device': 'unprovable',
    'a configured device': 'unsupported',
    'a monitored device': 'unprovable',
  },
  factoryReset: {
    ...anyMethod,
    'an agent that can do nothing': 'unsupported',
    'a device never heard of': 'unsupported',
    'a tutorial device': 'unsupported',
    'a Windows device': 'unsupported',
    'a configured device': 'unsupported',
    'a monitored device': 'unprovable',
  },
  firmwareUpdate: {
    ...anyMethod,
    'an agent that can do nothing': 'unsupported',
    'a tutorial device': 'unprovable',
    'a Windows device': 'unsupported',
    'a configured device that is offline': 'ready',
    'a monitored device': 'unsupported',
  },
  method: anyMethod,
  desired: anyPatch,
  tags: anyPatch,
  restore: Object.fromEntries(
    Object.keys(candidates).map((name) => [
      name,
      name === 'missing' || name === 'busy' ? name : 'no-snapshot',
    ]),
  ) as Record<Name, Verdict>,
}

const parameters: Record<ActionKind, ActionParameters> = {
  reboot: { kind: 'reboot' },
  factoryReset: { kind: 'factoryReset' },
  firmwareUpdate: {
    kind: 'firmwareUpdate',
    fwVersion: '2.0.0',
    fwPackageUri: 'https://packages.example/2.0.0.bin',
    release: '{}',
  },
  method: { kind: 'method', methodName: 'x', payload: '', responseTimeoutMs: 5_000 },
  desired: { kind: 'desired', patch: '{"a":1}' },
  tags: { kind: 'tags', patch: '{"a":1}' },
  restore: { kind: 'restore', resetId: ActionId.parse('reset') },
}

describe.each(Object.entries(expected))('before %s', (kind, verdicts) => {
  test.each(Object.entries(verdicts))('%s is %s', (name, verdict) => {
    expect(verdictOf(parameters[kind as ActionKind], candidates[name as Name])).toBe(verdict)
  })
})

test('a device that runs the wanted firmware already has nothing to do', () => {
  const there = { ...ready, row: { ...row, firmwareVersion: '2.0.0' } }
  expect(verdictOf(parameters.firmwareUpdate, there)).toBe('already-done')
})

test('our agent takes no firmware without what was signed', () => {
  const { release: _release, ...unsigned } = parameters.firmwareUpdate as {
    release?: string
    kind: 'firmwareUpdate'
    fwVersion: string
    fwPackageUri: string
  }
  expect(verdictOf(unsigned, ready)).toBe('unsupported')
})

test('only what leaves a trace in the twin can be settled by it', () => {
  const settled = Object.entries(parameters).filter(([, each]) => rulesFor(each).twin !== undefined)
  expect(settled.map(([kind]) => kind)).toEqual([
    'reboot',
    'factoryReset',
    'firmwareUpdate',
    'desired',
    'tags',
    'restore',
  ])
})

test('a factory reset is never asked for again by itself', () => {
  const following = {
    actionId: 'a' as never,
    dialect: drover,
    before: {},
    leftAt: undefined,
    returnedAt: undefined,
  }
  expect(rulesFor(parameters.factoryReset).twin?.canAskAgain(following)).toBe(false)
  expect(rulesFor(parameters.firmwareUpdate).twin?.canAskAgain(following)).toBe(true)
})
