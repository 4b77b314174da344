import { expect, test } from 'vitest'
import { Policy } from '../../contract/app/policy.ts'
import { draftOf, findMistakes, policyOf, usualDraft, usualWindow } from './campaign-draft.ts'
import { fromLocalField, hoursFrom, isTimeZone, toLocalField } from './local-time.ts'
import { wavePresets } from './waves.ts'

const nowMs = Date.parse('2026-11-23T12:30:00.000Z')
const usual = usualDraft(nowMs)

test('what a careful administrator would choose is a policy that the contract takes', () => {
  expect(Policy.parse(policyOf(usual))).toEqual({
    waves: wavePresets.careful,
    gate: { successShare: 0.95, soakMs: 300_000, needsApproval: false },
    abort: { failureShare: 0.05, leastFinished: 5 },
    offline: { mode: 'wait', deliverBy: '2026-11-24T12:00:00.000Z' },
  })
  expect(findMistakes(usual, nowMs)).toEqual([])
})

test('every rule of the form reaches the policy', () => {
  const draft = {
    ...usual,
    successPercent: undefined,
    needsApproval: true,
    stopRule: undefined,
    mostPerMinute: 30,
    mostDevices: 400,
    window: usualWindow('Asia/Seoul'),
    offlineMode: 'fail' as const,
  }
  expect(Policy.parse(policyOf(draft))).toEqual({
    waves: wavePresets.careful,
    gate: { soakMs: 300_000, needsApproval: true },
    mostPerMinute: 30,
    mostDevices: 400,
    window: usualWindow('Asia/Seoul'),
    offline: { mode: 'fail' },
  })
})

test('a job of the hub has no waves, no gate and no stop rule, but keeps its cap', () => {
  const policy = policyOf({ ...usual, engine: 'job', mostDevices: 10 })
  expect(policy).toEqual({
    waves: [],
    gate: { soakMs: 0, needsApproval: false },
    offline: { mode: 'skip' },
    mostDevices: 10,
  })
})

test('a policy that comes back from a file is the same policy', () => {
  const policy = Policy.parse({
    ...policyOf({ ...usual, mostPerMinute: 7, window: usualWindow('Europe/Berlin') }),
    abort: { failureShare: 0.07, leastFinished: 3 },
  })
  expect(policyOf(draftOf(policy, { name: 'x', engine: 'methods' }, nowMs))).toEqual(policy)
})

test('a deadline of a file that has passed is moved ahead', () => {
  const policy = policyOf({ ...usual, deliverBy: '2020-01-01T00:00:00.000Z' })
  const draft = draftOf(policy, { name: '', engine: 'methods' }, nowMs)
  expect(draft.deliverBy).toBe('2026-11-24T12:00:00.000Z')
})

test('times that have passed, no day, no tag and unknown zones are mistakes', () => {
  const past = '2026-11-23T12:30:00.000Z'
  expect(findMistakes({ ...usual, deliverBy: past }, nowMs)).toEqual(['deliver-by'])
  expect(findMistakes({ ...usual, offlineMode: 'skip', deliverBy: past }, nowMs)).toEqual([])
  const window = { ...usualWindow('Mars/Olympus'), days: [], timeZoneTag: ' ' }
  expect(findMistakes({ ...usual, window }, nowMs)).toEqual(['days', 'time-zone-tag', 'time-zone'])
  expect(findMistakes({ ...usual, engine: 'job', startAt: past }, nowMs)).toEqual(['start-at'])
  expect(findMistakes({ ...usual, engine: 'job', deliverBy: past, window }, nowMs)).toEqual([])
})

test('what a date field shows and what it means are the same minute', () => {
  const instant = '2026-11-24T18:00:00.000Z'
  expect(fromLocalField(toLocalField(instant))).toBe(instant)
  expect(fromLocalField('')).toBeUndefined()
  expect(fromLocalField('2026-11-')).toBeUndefined()
  expect(toLocalField('never')).toBe('')
})

test('a time in so many hours is a full hour', () => {
  expect(hoursFrom(nowMs, 1)).toBe('2026-11-23T13:00:00.000Z')
})

test('zones are those that this machine knows', () => {
  expect(isTimeZone('Asia/Seoul')).toBe(true)
  expect(isTimeZone('Asia/Nowhere')).toBe(false)
  expect(isTimeZone('')).toBe(false)
})
