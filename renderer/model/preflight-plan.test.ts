import { expect, test } from 'vitest'
import type { OfflinePolicy } from '../../contract/app/policy.ts'
import { Verdict } from '../../contract/app/preflight.ts'
import { deviceId, noon, preflightOf, simplePolicy } from '../testing/values.ts'
import { costOf, devicesToSend, excludedAtFirst, exceededCap, groupByVerdict } from './preflight-plan.ts'

const verdicts = Verdict.options.map((verdict) => ({ deviceId: deviceId(`is-${verdict}`), verdict }))
const groups = groupByVerdict(preflightOf(verdicts))

test('every verdict has a group, and those that can run come first', () => {
  expect(groups.map(({ verdict }) => verdict).toSorted()).toEqual(Verdict.options.toSorted())
  expect(groups.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['ready', 'unprovable'])
})

test('a verdict that no device has makes no group', () => {
  const one = { deviceId: deviceId('a'), verdict: 'offline' } as const
  expect(groupByVerdict(preflightOf([one]))).toEqual([
    { verdict: 'offline', deviceIds: ['a'], keeps: [], restores: new Map(), canRun: false },
  ])
})

test('only ready devices and those that cannot prove it are sent to, unless a person asks for more', () => {
  expect(devicesToSend(groups, excludedAtFirst)).toEqual(['is-ready', 'is-unprovable'])
})

test('an excluded group is not sent to', () => {
  expect(devicesToSend(groups, new Set<Verdict>(['unprovable', 'changed-since']))).toEqual(['is-ready'])
  expect(devicesToSend(groups, new Set<Verdict>(['ready', 'unprovable', 'changed-since']))).toEqual([])
})

test('offline devices are sent to when the policy waits for them, and only then', () => {
  const offlineOf = (offline: OfflinePolicy): boolean | undefined =>
    groupByVerdict(preflightOf(verdicts), simplePolicy({ offline })).find(
      ({ verdict }) => verdict === 'offline',
    )?.canRun
  expect(offlineOf({ mode: 'wait', deliverBy: noon })).toBe(true)
  expect(offlineOf({ mode: 'skip' })).toBe(false)
  expect(offlineOf({ mode: 'fail' })).toBe(false)
})

test('an excluded group takes its share of time and messages with it', () => {
  const estimate = { durationMs: 1_000, boundBy: 'methods', messages: 300, messagesPerDevice: 3 } as const
  expect(costOf(estimate, 100, 100)).toBe(estimate)
  expect(costOf(estimate, 25, 100)).toEqual({ durationMs: 250, messages: 75 })
  expect(costOf(estimate, 0, 0)).toMatchObject({ messages: 300 })
})

test('the blast radius counts what would really be sent', () => {
  const warnings = [{ kind: 'over-cap', devices: 12, cap: 10 }] as const
  expect(exceededCap(warnings, 12)).toBe(10)
  expect(exceededCap(warnings, 10)).toBeUndefined()
  expect(exceededCap([], 1_000_000)).toBeUndefined()
})

test('what devices keep in a reset is told once for all that keep the same', () => {
  const kept = (id: string, keeps: string[]) => ({ deviceId: deviceId(id), verdict: 'ready' as const, keeps })
  const silent = { deviceId: deviceId('d'), verdict: 'ready' as const }
  const verdicts = [
    kept('a', ['identity', 'network']),
    kept('b', ['network', 'identity']),
    kept('c', []),
    silent,
  ]
  expect(groupByVerdict(preflightOf(verdicts))[0]?.keeps).toEqual([
    { names: ['identity', 'network'], devices: 2 },
    { names: [], devices: 1 },
  ])
})
