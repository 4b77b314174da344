import { describe, expect, test } from 'vitest'
import type { ActionKind, Verdict } from '../../../contract/app/action.ts'
import type { DeviceRow } from '../../../contract/app/device.ts'
import { DeviceId } from '../../../contract/app/ids.ts'
import type { Candidate } from './kind.ts'
import { rulesFor, verdictOf } from './rules.ts'

const row: DeviceRow = {
  deviceId: DeviceId.parse('pump-1'),
  isEnabled: true,
  isConnected: true,
  dialect: 'drover',
  source: 'query',
  readAt: '2026-11-23T10:00:00.000Z',
}
const ready: Candidate = { row, supportedActions: ['reboot'], isBusy: false }
const { dialect: _dialect, ...unrecognised } = row

const candidates = {
  ready,
  missing: { ...ready, row: undefined },
  disabled: { ...ready, row: { ...row, isEnabled: false } },
  busy: { ...ready, isBusy: true },
  offline: { ...ready, row: { ...row, isConnected: false } },
  'without our agent': { ...ready, row: unrecognised, supportedActions: undefined },
  'without reboot': { ...ready, supportedActions: ['factoryReset'] },
} satisfies Record<string, Candidate>

const expected: Record<ActionKind, Record<keyof typeof candidates, Verdict>> = {
  reboot: {
    ready: 'ready',
    missing: 'missing',
    disabled: 'disabled',
    busy: 'busy',
    offline: 'offline',
    'without our agent': 'unprovable',
    'without reboot': 'unsupported',
  },
  method: {
    ready: 'ready',
    missing: 'missing',
    disabled: 'disabled',
    busy: 'busy',
    offline: 'offline',
    'without our agent': 'ready',
    'without reboot': 'ready',
  },
  desired: {
    ready: 'ready',
    missing: 'missing',
    disabled: 'ready',
    busy: 'busy',
    offline: 'ready',
    'without our agent': 'ready',
    'without reboot': 'ready',
  },
  tags: {
    ready: 'ready',
    missing: 'missing',
    disabled: 'ready',
    busy: 'busy',
    offline: 'ready',
    'without our agent': 'ready',
    'without reboot': 'ready',
  },
}

describe.each(Object.entries(expected))('before %s', (kind, verdicts) => {
  test.each(Object.entries(verdicts))('a device that is %s is %s', (name, verdict) => {
    expect(verdictOf(kind as ActionKind, candidates[name as keyof typeof candidates])).toBe(verdict)
  })
})

test('only what leaves a trace in the twin can be settled by it', () => {
  const parameters = [
    { kind: 'reboot' },
    { kind: 'method', methodName: 'x', payload: '', responseTimeoutMs: 5_000 },
    { kind: 'desired', patch: '{"a":1}' },
    { kind: 'tags', patch: '{"a":1}' },
  ] as const
  expect(parameters.map((each) => rulesFor(each).twin !== undefined)).toEqual([true, false, true, true])
})
