import { expect, test } from 'vitest'
import { noon } from '../testing/values.ts'
import { ageOf } from './time.ts'

const noonMs = Date.parse(noon)

test('an age is in the largest unit that is not zero, cut down', () => {
  expect(ageOf(noon, noonMs + 59_999)).toEqual({ value: 59, unit: 'second' })
  expect(ageOf(noon, noonMs + 60_000)).toEqual({ value: 1, unit: 'minute' })
  expect(ageOf(noon, noonMs + 3_599_999)).toEqual({ value: 59, unit: 'minute' })
  expect(ageOf(noon, noonMs + 90_000_000)).toEqual({ value: 1, unit: 'day' })
})

test('an instant that the clock of the hub puts into the future is now', () => {
  expect(ageOf(noon, noonMs - 5_000)).toEqual({ value: 0, unit: 'second' })
})
