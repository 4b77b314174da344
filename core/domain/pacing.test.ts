import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fullBucket, nextReadDelayMs, takeToken, type Bucket, type Rate } from './pacing.ts'

/** When each of `count` takers who all come at time 0 is let through. */
function starts(rate: Rate, count: number): number[] {
  let bucket: Bucket = fullBucket(rate, 0)
  return Array.from({ length: count }, () => {
    const taken = takeToken(rate, bucket, 0)
    bucket = taken.bucket
    return taken.waitMs
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

  test('fills up again while nobody comes, and no further than its burst', () => {
    const rate = { perSecond: 10, burst: 2 }
    const { bucket } = takeToken(rate, takeToken(rate, fullBucket(rate, 0), 0).bucket, 0)
    expect(takeToken(rate, bucket, 60_000).bucket.tokens).toBe(1)
  })

  test('is not confused by a clock that steps back', () => {
    const rate = { perSecond: 10, burst: 1 }
    const { bucket } = takeToken(rate, fullBucket(rate, 10_000), 10_000)
    expect(takeToken(rate, bucket, 0).waitMs).toBe(100)
  })
})

test('a device in flight is looked at ever more rarely, within its limits', () => {
  const pace = { leastMs: 500, mostMs: 15_000, share: 0.25 }
  expect([0, 1_000, 4_000, 20_000, 600_000].map((elapsed) => nextReadDelayMs(pace, elapsed))).toEqual([
    500, 500, 1_000, 5_000, 15_000,
  ])
})
