import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Policy, type WaveSize } from '../../contract/app/policy.ts'
import { planWaves, presetNames, presetOf, wavePresets } from './waves.ts'

const waveSize: fc.Arbitrary<WaveSize> = fc.oneof(
  fc.record({ unit: fc.constant('devices' as const), count: fc.integer({ min: 1, max: 5_000 }) }),
  fc.record({ unit: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 100 }) }),
)

test('the waves have every device once, whatever their sizes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.array(waveSize, { maxLength: 20 }), (total, waves) => {
      const sizes = planWaves(total, waves)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
    }),
  )
})

test('one device, a tenth, half, and the rest', () => {
  expect(planWaves(200, wavePresets.careful)).toEqual([1, 20, 100, 79])
})

test('the last size repeats, and a percentage is rounded up', () => {
  expect(planWaves(25, wavePresets.tenths)).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 1])
})

test('without waves everybody is asked at once; nobody needs no wave', () => {
  expect(planWaves(7, [])).toEqual([7])
  expect(planWaves(0, wavePresets.careful)).toEqual([])
})

test('a million waves of one device are not laid out', () => {
  expect(planWaves(1_000_000, [{ unit: 'devices', count: 1 }])).toHaveLength(1_000)
})

test.each(presetNames)('the plan %s is one that the contract takes, and is found again', (name) => {
  expect(Policy.shape.waves.parse(wavePresets[name])).toEqual(wavePresets[name])
  expect(presetOf([...wavePresets[name]])).toBe(name)
})

test('a list of one’s own is no preset', () => {
  expect(presetOf([{ unit: 'devices', count: 2 }])).toBeUndefined()
})
