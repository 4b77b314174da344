import { describe, expect, test } from 'vitest'
import type { RunningAction } from './agent-state.ts'
import { isExpired, isTooLate, remainingMs, validForMs, type Moment } from './validity.ts'

const now = Date.UTC(2026, 0, 1)
const year = 365 * 86_400_000
const minute = 60_000

function at(changes: Partial<Moment> = {}): Moment {
  return { now, isSynced: true, uptime: 1_000_000, ...changes }
}

describe('a call', () => {
  const term = { notAfter: now + 10 * minute, delayMs: 0 }

  test.each([
    ['in time', at(), false],
    ['at the last moment', at({ now: term.notAfter }), false],
    ['a millisecond late', at({ now: term.notAfter + 1 }), true],
    ['on a clock ten years back that nobody set', at({ now: now - 10 * year, isSynced: false }), false],
    ['on a clock ten years ahead that nobody set', at({ now: now + 10 * year, isSynced: false }), false],
    ['in 1970', at({ now: 0, isSynced: false }), false],
    ['on a set clock ten years ahead', at({ now: now + 10 * year }), true],
  ])('%s is judged by a wall clock only when that is set', (_, moment, isLate) => {
    expect(isExpired(term, moment)).toBe(isLate)
  })

  test('whose delay outlasts it is late at once, also by the clock of the caller', () => {
    const issuedAt = now
    expect(isExpired({ ...term, delayMs: 11 * minute }, at())).toBe(true)
    expect(isExpired({ ...term, issuedAt, delayMs: 11 * minute }, at({ now: 0, isSynced: false }))).toBe(true)
    expect(isExpired({ ...term, issuedAt, delayMs: 9 * minute }, at({ now: 0, isSynced: false }))).toBe(false)
  })

  test('without an end never is late', () => {
    expect(isExpired({ delayMs: 1e12 }, at())).toBe(false)
    expect(validForMs({ delayMs: 0 }, at())).toBeUndefined()
  })
})

describe('how long a call holds', () => {
  const term = { notAfter: now + 10 * minute, delayMs: 2 * minute }

  test.each([
    ['by the wall clock where it is set', term, at(), 10 * minute],
    [
      'by the clock of the caller otherwise',
      { ...term, issuedAt: now + minute },
      at({ isSynced: false }),
      9 * minute,
    ],
    [
      'as long as a method can be under way where neither is known',
      term,
      at({ isSynced: false }),
      7 * minute,
    ],
    ['not at all when it is over', { ...term, notAfter: now - 1 }, at(), 0],
  ] as const)('is told %s', (...[, given, moment, expected]) => {
    expect(validForMs(given, moment)).toBe(expected)
  })
})

describe('an accepted action', () => {
  const accepted = at()
  const action: RunningAction = {
    ...{ actionId: 'a', kind: 'reboot', parameters: '', request: {}, bootIdBefore: 'boot-1' },
    ...{ acceptedAt: now, acceptedUptime: accepted.uptime, delayMs: minute },
    ...{ notAfter: now + 10 * minute, validForMs: 10 * minute },
  }
  const after = (ms: number, changes: Partial<Moment> = {}) =>
    at({ now: now + ms, uptime: accepted.uptime + ms, ...changes })

  test.each([
    ['a minute later', after(minute), false],
    ['ten minutes later', after(10 * minute), false],
    ['a moment after that', after(10 * minute + 1), true],
    ['when the clock was set back an hour', after(11 * minute, { now: now - 49 * minute }), true],
    ['when the clock was set back ten years', after(minute, { now: now - 10 * year }), false],
    ['when the clock was set ahead an hour', after(minute, { now: now + 61 * minute }), true],
    ['when an unset clock jumps ten years', after(minute, { now: now + 10 * year, isSynced: false }), false],
    ['when an unset clock stands in 1970', after(11 * minute, { now: 0, isSynced: false }), true],
    ['in the hour that summer time repeats, which UTC does not', after(5 * minute), false],
  ])('%s may begin or not, whatever happened to the wall clock', (_, moment, isLate) => {
    expect(isTooLate(action, moment)).toBe(isLate)
  })

  test('on an unset clock is judged anew when the clock is set', () => {
    const { validForMs: limit } = {
      validForMs: validForMs({ notAfter: now + 10 * minute, delayMs: 0 }, at({ now: 0, isSynced: false })),
    }
    const blind = { ...action, validForMs: limit ?? 0 }
    expect(isTooLate(blind, after(minute, { now: now + 11 * minute }))).toBe(true)
    expect(isTooLate(blind, after(minute))).toBe(false)
  })
})

test('what is left of a wait is never negative and never more than all of it', () => {
  expect(remainingMs(60, 100, 130)).toBe(30)
  expect(remainingMs(60, 100, 161)).toBe(0)
  expect(remainingMs(60, 100, 5)).toBe(60)
})
