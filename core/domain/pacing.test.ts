import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  currentRate,
  fullBucket,
  refilled,
  slowDown,
  waitForTurn,
  type Bucket,
  type Rate,
  type Slowdown,
} from './pacing.ts'

/** When each of `count` takers who all come at time 0 is let through. */
function starts(rate: Rate, count: number): number[] {
  let bucket: Bucket = fullBucket(rate, 0)
  let now = 0
  return Array.from({ length: count }, () => {
    now += waitForTurn(rate, refilled(rate, bucket, now), now)
    const { tokens, at } = refilled(rate, bucket, now)
    bucket = { tokens: tokens - 1, at }
    return now
  })
}

describe('a token bucket', () => {
  test('lets a burst through at once, and then one by one', () => {
    expect(starts({ perSecond: 10, burst: 3 }, 6)).toEqual([0, 0, 0, 100, 200, 300])
  })

  test('never lets more through than the burst and the rate allow, in any second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 400 }),
        (perSecond, burst, count) => {
          const times = starts({ perSecond, burst }, count)
          for (const from of times) {
            const within = times.filter((time) => time >= from && time < from + 1000).length
            expect(within).toBeLessThanOrEqual(burst + perSecond)
          }
        },
      ),
    )
  })

  test('wastes no more than one token of what it is allowed, however the milliseconds fall', () => {
    for (const perSecond of [38, 700, 5_700]) {
      const times = starts({ perSecond, burst: 20 }, perSecond * 10)
      expect(times.at(-1)).toBeLessThanOrEqual(10_000)
      expect(times.at(-1)).toBeGreaterThan(9_000)
    }
  })

  test('fills up again while nobody comes, and no further than its burst', () => {
    expect(refilled({ perSecond: 10, burst: 2 }, { tokens: -5, at: 0 }, 60_000).tokens).toBe(2)
  })

  test('is not confused by a clock that steps back', () => {
    const rate = { perSecond: 10, burst: 1 }
    const bucket = refilled(rate, { tokens: 0, at: 10_000 }, 5_000)
    expect(bucket).toEqual({ tokens: 0, at: 10_000 })
    expect(waitForTurn(rate, bucket, 10_000)).toBe(100)
  })

  test('lets a request through that costs more than it can ever hold, and makes the next wait for it', () => {
    const rate = { perSecond: 10, burst: 2 }
    expect(waitForTurn(rate, fullBucket(rate, 0), 0)).toBe(0)
    expect(waitForTurn(rate, { tokens: 2 - 32, at: 0 }, 0)).toBe(3_100)
  })
})

describe('a hub at its limit', () => {
  const full = { perSecond: 100, burst: 10 }
  const after = (...refusals: readonly number[]): Slowdown | undefined =>
    refusals.reduce<Slowdown | undefined>(
      (slowdown, now) => slowDown(full, slowdown, { now, resumeAt: now + 1_000 }),
      undefined,
    )

  test('is asked less often, and then a little more each second, up to the full rate', () => {
    const slowdown = after(0)
    const rates = [1_000, 2_000, 11_000, 16_000, 60_000].map(
      (now) => currentRate(full, slowdown, now).perSecond,
    )
    expect(rates.map(Math.round)).toEqual([70, 72, 90, 100, 100])
  })

  test('that refuses all that was in flight is slowed down for once, not for each', () => {
    expect(after(0, 10, 20, 400)?.perSecond).toBe(70)
    expect(after(0, 2_000)?.perSecond).toBeCloseTo(50.4)
  })

  test('is never given up: some share of the rate stays', () => {
    const refusals = Array.from({ length: 50 }, (_, index) => index * 1_500)
    expect(after(...refusals)?.perSecond).toBeGreaterThanOrEqual(5)
  })
})
