import { expect, test } from 'vitest'
import { TargetStatus } from '../../contract/app/target.ts'
import { actionSummary, counts } from '../testing/values.ts'
import { countOutcomes, isRunning, outcomeOf, settledCount } from './action-progress.ts'

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

test('an unknown device has ended, and a working one has not', () => {
  expect(
    settledCount(actionSummary('a', { unknown: 1, succeeded: 2, failed: 1, cancelled: 1, working: 7 })),
  ).toBe(5)
})

test('an action that is being cancelled is still running', () => {
  expect(isRunning(actionSummary('a', {}, { status: 'cancelling' }))).toBe(true)
  expect(isRunning(actionSummary('a', {}, { status: 'unsettled' }))).toBe(false)
})
