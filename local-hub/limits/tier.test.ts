import { describe, expect, test } from 'vitest'
import { checkTier, limitsOf } from './tier.ts'
import type { Throttled, TierName } from './tier.ts'

describe('limitsOf', () => {
  // The worked examples and the table of the documentation.
  test.each<[TierName, number, Throttled, number]>([
    ['F1', 1, 'directMethod', 40],
    ['S1', 1, 'directMethod', 40],
    ['S1', 10, 'directMethod', 400],
    ['S2', 1, 'directMethod', 120],
    ['S3', 1, 'directMethod', 6144],
    ['S1', 10, 'twinRead', 100],
    ['S2', 5, 'twinRead', 100],
    ['S2', 20, 'twinRead', 200],
    ['S3', 2, 'twinRead', 1000],
    ['S1', 200, 'twinUpdate', 50],
    ['S2', 20, 'twinUpdate', 100],
    ['S3', 1, 'twinUpdate', 250],
    ['S1', 3, 'query', 1],
    ['S2', 3, 'query', 1],
    ['S3', 3, 'query', 50],
    ['S1', 6, 'registry', 10],
    ['S1', 2, 'connection', 100],
    ['S1', 9, 'connection', 108],
    ['S2', 2, 'connection', 240],
    ['S1', 9, 'telemetry', 108],
    ['S3', 1, 'telemetry', 6000],
  ])('%s with %d units lets %s happen %d times a second', (...[name, units, throttled, perSecond]) => {
    expect(limitsOf({ name, units }).perSecond[throttled]).toBeCloseTo(perSecond)
  })

  test.each<[TierName, number, number, number]>([
    ['F1', 1, 8_000, 512],
    ['S1', 2, 800_000, 4096],
    ['S2', 1, 6_000_000, 4096],
    ['S3', 10, 3_000_000_000, 4096],
  ])('%s with %d units has %d messages a day of %d bytes', (...[name, units, messagesPerDay, blockBytes]) => {
    expect(limitsOf({ name, units })).toMatchObject({ messagesPerDay, blockBytes })
  })
})

describe('checkTier', () => {
  test('keeps what can be bought', () => {
    expect(checkTier({ name: 'S1', units: 200 })).toEqual({ name: 'S1', units: 200 })
    expect(checkTier({ name: 'S3', units: 10, burstSeconds: 0 })).toEqual({
      name: 'S3',
      units: 10,
      burstSeconds: 0,
    })
  })

  test.each([
    [{ name: 'B1', units: 1 }, "There is no tier 'B1'; the tiers are F1, S1, S2, S3."],
    [{ name: 'toString', units: 1 }, 'There is no tier'],
    [{ name: 'F1', units: 2 }, 'A hub of tier F1 has 1 to 1 units, not 2.'],
    [{ name: 'S3', units: 11 }, '1 to 10 units'],
    [{ name: 'S1', units: 0 }, '1 to 200 units'],
    [{ name: 'S1', units: 1.5 }, '1 to 200 units'],
    [{ name: 'S1', units: NaN }, '1 to 200 units'],
    [{ name: 'S1', units: 1, burstSeconds: -1 }, 'The burst should be 0 to 3600 seconds, not -1.'],
    [{ name: 'S1', units: 1, burstSeconds: NaN }, 'The burst should be'],
  ])('%j is refused', (tier, reason) => {
    expect(() => checkTier(tier)).toThrow(RangeError)
    expect(() => checkTier(tier)).toThrow(reason)
  })
})
