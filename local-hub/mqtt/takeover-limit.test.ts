import { expect, test } from 'vitest'
import { TakeoverLimit } from './takeover-limit.ts'

test('the first takeovers pass at once, later ones one by one each second', () => {
  const limit = new TakeoverLimit()
  expect([1, 2, 3, 4, 5, 6].map(() => limit.delayMs('d', 0))).toEqual([0, 0, 0, 1000, 2000, 3000])
})

test('devices do not pay for each other', () => {
  const limit = new TakeoverLimit()
  for (let index = 0; index < 10; index += 1) limit.delayMs('loud', 0)
  expect(limit.delayMs('quiet', 0)).toBe(0)
})

test('after half a minute of calm all is forgiven', () => {
  const limit = new TakeoverLimit()
  for (let index = 0; index < 4; index += 1) limit.delayMs('d', 0)
  expect(limit.delayMs('d', 30_999)).toBe(0)
  expect(limit.delayMs('d', 31_000)).toBe(1000 - 1)
  expect(limit.delayMs('d', 90_000)).toBe(0)
})
