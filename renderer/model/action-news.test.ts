import { describe, expect, test } from 'vitest'
import type { ActionSummary } from '../../contract/app/action.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { actionSummary, noon } from '../testing/values.ts'
import { newsOf } from './action-news.ts'

const running = actionSummary('01A', { working: 2 })
const held = (hold: Hold): ActionSummary => ({ ...running, hold })

describe('it is news that an action', () => {
  test.each(['succeeded', 'failed', 'unsettled', 'cancelled'] as const)('has ended: %s', (status) => {
    expect(newsOf(running, actionSummary('01A', { succeeded: 2 }, { status }))).toBe('ended')
  })

  test.each([
    { kind: 'approval' },
    { kind: 'gate', share: 0.5, needed: 0.9 },
    { kind: 'halted' },
  ] satisfies Hold[])('waits for a person: $kind', (hold) => {
    expect(newsOf(running, held(hold))).toBe('held')
  })
})

describe('it is no news that an action', () => {
  test('was there when the window opened', () => {
    expect(newsOf(undefined, running)).toBeUndefined()
    expect(newsOf(undefined, actionSummary('01A', { succeeded: 2 }, { status: 'succeeded' }))).toBeUndefined()
  })

  test('had ended before', () => {
    const ended = actionSummary('01A', { succeeded: 2 }, { status: 'succeeded' })
    expect(newsOf(ended, ended)).toBeUndefined()
  })

  test('still waits for a person', () => {
    expect(newsOf(held({ kind: 'approval' }), held({ kind: 'approval' }))).toBeUndefined()
  })

  test.each([
    { kind: 'paused', by: 'kim' },
    { kind: 'soaking', until: noon },
    { kind: 'throttled', until: noon },
    { kind: 'window', opensAt: noon, devices: 5, zones: 2 },
  ] satisfies Hold[])('waits by a person’s own decision, or goes on by itself: $kind', (hold) => {
    expect(newsOf(running, held(hold))).toBeUndefined()
  })
})
