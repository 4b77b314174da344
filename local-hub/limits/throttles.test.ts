import { describe, expect, test } from 'vitest'
import type { HubError } from '../hub/hub-error.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { Throttles } from './throttles.ts'
import type { Throttled, Tier } from './tier.ts'

function open(tier: Tier | undefined) {
  const clock = new FakeClock()
  const throttles = new Throttles(clock, tier)
  const outcomes = (throttled: Throttled, count: number) =>
    Array.from({ length: count }, () => {
      try {
        return throttles.take(throttled) === 0 ? 'at once' : 'queued'
      } catch (error) {
        return (error as HubError).code
      }
    })
  const countOf = (throttled: Throttled, calls: number) =>
    Object.entries(Object.groupBy(outcomes(throttled, calls), (outcome) => outcome)).map(
      ([outcome, list]) => [outcome, list.length],
    )
  return { clock, throttles, countOf }
}

describe('throttles', () => {
  test('without a tier nothing waits', () => {
    const { throttles, countOf } = open(undefined)
    expect(countOf('query', 10_000)).toEqual([['at once', 10_000]])
    expect(throttles.counts()).toEqual({})
  })

  test("a minute's worth passes, ten seconds' worth is queued, the rest is 429001", () => {
    const { countOf } = open({ name: 'S1', units: 1 })
    expect(countOf('query', 40)).toEqual([
      ['at once', 20],
      ['queued', 3],
      ['ThrottlingException', 17],
    ])
    expect(countOf('directMethod', 3000)).toEqual([
      ['at once', 2400],
      ['queued', 400],
      ['ThrottlingException', 200],
    ])
  })

  test('the burst is a choice', () => {
    const { countOf } = open({ name: 'S1', units: 1, burstSeconds: 0 })
    expect(countOf('twinUpdate', 600)).toEqual([
      ['at once', 1],
      ['queued', 500],
      ['ThrottlingException', 99],
    ])
  })

  test('the refusal says when to come back', () => {
    const { throttles, countOf, clock } = open({ name: 'S1', units: 1 })
    countOf('query', 23)
    const refusal = (() => {
      try {
        return throttles.take('query')
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toMatchObject({ code: 'ThrottlingException', status: 429, number: 429001 })
    const { retryAfterMs } = refusal as HubError
    expect(retryAfterMs).toBeGreaterThan(0)
    clock.advance(retryAfterMs ?? 0)
    expect(countOf('query', 1)).toEqual([['queued', 1]])
  })

  test('throttles do not disturb each other', () => {
    const { countOf } = open({ name: 'F1', units: 1 })
    countOf('query', 100)
    expect(countOf('twinRead', 100)).toEqual([['at once', 100]])
  })

  test('what was queued and refused is counted', () => {
    const { throttles, countOf } = open({ name: 'S1', units: 1 })
    countOf('query', 40)
    expect(throttles.counts()['query']).toEqual({ perSecond: 20 / 60, delayed: 3, refused: 17 })
    expect(throttles.counts()['twinRead']).toEqual({ perSecond: 100, delayed: 0, refused: 0 })
  })

  test('a client that keeps to the rate is never queued', () => {
    const { clock, countOf } = open({ name: 'S1', units: 1, burstSeconds: 0 })
    for (let call = 0; call < 500; call += 1) {
      expect(countOf('directMethod', 1)).toEqual([['at once', 1]])
      clock.advance(25)
    }
  })
})
