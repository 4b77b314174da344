import { expect, test } from 'vitest'
import { TargetStatus } from '../../contract/app/action.ts'
import { actionSummary, counts } from '../testing/values.ts'
import { countOutcomes, isRunning, nextStep, outcomeOf, settledCount } from './action-progress.ts'

test('sending, working and cancelling are one thing in the bar', () => {
  expect(countOutcomes(counts({ sending: 1, working: 2, cancelling: 3, succeeded: 4 }))).toEqual([
    { outcome: 'succeeded', count: 4 },
    { outcome: 'working', count: 6 },
  ])
})

test('each status counts once, whatever it is', () => {
  for (const status of TargetStatus.options) {
    expect(countOutcomes(counts({ [status]: 1 }))).toEqual([{ outcome: outcomeOf(status), count: 1 }])
  }
})

test('what is not sent yet can be stopped', () => {
  expect(nextStep(actionSummary('a', { waiting: 3, unknown: 1 }))).toEqual({ kind: 'stop-sending', count: 3 })
})

test('what is being stopped is not offered to be stopped again', () => {
  const stopping = actionSummary('a', { waiting: 3, unknown: 1 }, { status: 'cancelling' })
  expect(nextStep(stopping)).toEqual({ kind: 'check-again', count: 1 })
})

test('an action without waiting or unknown devices has no next step', () => {
  expect(nextStep(actionSummary('a', { succeeded: 2, failed: 1, working: 1 }))).toBeUndefined()
})

test('an unknown device has ended, and a working one has not', () => {
  expect(
    settledCount(actionSummary('a', { unknown: 1, succeeded: 2, failed: 1, cancelled: 1, working: 7 })),
  ).toBe(5)
})

test('an action that is being cancelled is still running', () => {
  expect(isRunning(actionSummary('a', {}, { status: 'cancelling' }))).toBe(true)
  expect(isRunning(actionSummary('a', {}, { status: 'unsettled' }))).toBe(false)
})

test('a lost answer to a direct method leaves nothing to check', () => {
  const parameters = { kind: 'method', methodName: 'a', payload: '', responseTimeoutMs: 10_000 } as const
  expect(nextStep(actionSummary('01A', { unknown: 2 }, { parameters, status: 'unsettled' }))).toBeUndefined()
  expect(nextStep(actionSummary('01A', { waiting: 2 }, { parameters }))).toEqual({
    kind: 'stop-sending',
    count: 2,
  })
})
