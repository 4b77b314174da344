import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WaveSize } from '../../contract/app/policy.ts'
import { planWaves, rangeOf, waveOf } from './waves.ts'

const devices = (count: number): WaveSize => ({ unit: 'devices', count })
const percent = (share: number): WaveSize => ({ unit: 'percent', percent: share })

describe('the waves of an action', () => {
  test('are one of everybody where the policy names none', () => {
    expect(planWaves([], 250)).toEqual([250])
  })

  test('begin with the canary, and repeat the last size until everybody had a turn', () => {
    expect(planWaves([devices(1), percent(10), percent(40)], 100)).toEqual([1, 11, 51, 91, 100])
  })

  test('have at least one device each: a percentage is rounded up', () => {
    expect(planWaves([percent(0.001)], 3)).toEqual([1, 2, 3])
  })

  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 50 }).map(devices), fc.integer({ min: 1, max: 100 }).map(percent)),
    { maxLength: 6 },
  )

  test('hold every target exactly once, in the order of their turns', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 400 }), (policy, total) => {
        const waves = planWaves(policy, total)
        const members = waves.flatMap((_, index) => {
          const { from, to } = rangeOf(waves, index + 1)
          return Array.from({ length: to - from }, (_one, offset) => ({
            number: from + offset,
            wave: index + 1,
          }))
        })
        expect(members.map(({ number }) => number)).toEqual(
          Array.from({ length: total }, (_, index) => index),
        )
        for (const { number, wave } of members) expect(waveOf(waves, number)).toBe(wave)
      }),
    )
  })
})
