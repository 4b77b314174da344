import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const bucket = (options: Partial<ConstructorParameters<typeof TokenBucket>[0]> = {}) =>
  new TokenBucket({ perSecond: 10, capacity: 20, longestWaitMs: 1000, ...options }, 0)

const waits = (turns: readonly object[]) => turns.map((turn) => ('waitMs' in turn ? turn.waitMs : 'refused'))

describe('a token bucket', () => {
  test('lets a burst pass at once', () => {
    const tokens = bucket()
    expect(waits(Array.from({ length: 20 }, () => tokens.take(1, 0)))).toEqual(Array(20).fill(0))
  })

  test('queues what comes after the burst at the rate of the limit', () => {
    const tokens = bucket({ capacity: 1 })
    expect(waits([1, 2, 3, 4].map(() => tokens.take(1, 0)))).toEqual([0, 100, 200, 300])
  })

  test('refuses what would not fit into the queue, and says when to come back', () => {
    const tokens = bucket({ capacity: 1 })
    for (let index = 0; index < 11; index += 1) tokens.take(1, 0)
    expect(tokens.take(1, 0)).toEqual({ retryAfterMs: 100 })
    expect(tokens.take(5, 0)).toEqual({ retryAfterMs: 500 })
    expect(tokens.take(1, 100)).toEqual({ waitMs: 1000 })
  })

  test('what was refused takes no token', () => {
    const tokens = bucket({ capacity: 1, longestWaitMs: 0 })
    tokens.take(1, 0)
    for (let index = 0; index < 50; index += 1) tokens.take(1, 0)
    expect(tokens.take(1, 100)).toEqual({ waitMs: 0 })
  })

  test('saves up no more than its capacity', () => {
    const tokens = bucket({ capacity: 2 })
    expect(waits([1, 2, 3].map(() => tokens.take(1, 3_600_000)))).toEqual([0, 0, 100])
  })

  test('a clock that is set back neither gives nor takes', () => {
    const tokens = bucket({ capacity: 1 })
    tokens.take(1, 10_000)
    expect(tokens.take(1, 5_000)).toEqual({ waitMs: 100 })
    expect(tokens.take(1, 5_200)).toEqual({ waitMs: 0 })
  })

  test('never lets more begin in any time than the burst and the rate allow, in the order of arrival', () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(400), cost: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 200,
    })
    fc.assert(
      fc.property(arrivals, (list) => {
        const [perSecond, capacity] = [10, 20]
        const tokens = bucket({ perSecond, capacity })
        let [now, spent, lastBegin] = [0, 0, 0]
        for (const { afterMs, cost } of list) {
          now += afterMs
          const turn = tokens.take(cost, now)
          if (!('waitMs' in turn)) continue
          const begin = now + turn.waitMs
          spent += cost
          expect(begin).toBeGreaterThanOrEqual(lastBegin - 0.001)
          expect(spent).toBeLessThanOrEqual(capacity + (perSecond * begin) / 1000 + 0.001)
          lastBegin = begin
        }
      }),
    )
  })
})
