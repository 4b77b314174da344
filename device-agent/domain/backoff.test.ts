import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const backoff = { baseMs: 1_000, capMs: 60_000 }

test('the longest wait doubles with each failure, up to the cap', () => {
  const longest = [0, 1, 2, 5, 6, 7, 1_000].map((failures) => backoffMs(failures, backoff, () => 1))
  expect(longest).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000])
})

test('the wait is anywhere between nothing and the longest', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, part) => {
      const waitMs = backoffMs(failures, backoff, () => part)
      expect(waitMs).toBeGreaterThanOrEqual(0)
      expect(waitMs).toBeLessThanOrEqual(60_000)
    }),
  )
  expect(backoffMs(3, backoff, () => 0)).toBe(0)
  expect(backoffMs(3, backoff, () => 0.25)).toBe(2_000)
})
