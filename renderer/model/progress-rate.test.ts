import { expect, test } from 'vitest'
import { actionSummary, noon } from '../testing/values.ts'
import { addSample, rateOf, type Sample } from './progress-rate.ts'

const start: Sample[] = [{ atMs: 0, settled: 0 }]

test('the rate is what has ended lately, and the time left follows from it', () => {
  const action = actionSummary('a', { succeeded: 30, unknown: 10, waiting: 60 })
  expect(rateOf(action, start, 60_000)).toEqual({ perMinute: 40, leftMs: 90_000 })
})

test('a few seconds, no progress and an action that has ended say nothing', () => {
  const action = actionSummary('a', { succeeded: 30, waiting: 60 })
  expect(rateOf(action, start, 4_000)).toBeUndefined()
  expect(rateOf(actionSummary('a', { waiting: 60 }), start, 60_000)).toBeUndefined()
  expect(rateOf({ ...action, status: 'cancelled' }, start, 60_000)).toBeUndefined()
  expect(rateOf(action, [], 60_000)).toBeUndefined()
})

test('an action that is held gets on at no rate, however fast it was before', () => {
  const action = actionSummary(
    'a',
    { succeeded: 5, waiting: 5 },
    { hold: { kind: 'window', opensAt: noon, devices: 5, zones: 2 } },
  )
  expect(rateOf(action, start, 60_000)).toBeUndefined()
})

test('what is older than two minutes is forgotten, and a sample a second is enough', () => {
  let samples: readonly Sample[] = []
  for (let atMs = 0; atMs <= 600_000; atMs += 100) samples = addSample(samples, { atMs, settled: atMs })
  expect(samples.length).toBeLessThanOrEqual(122)
  expect(samples[0]?.atMs).toBeGreaterThanOrEqual(480_000)
})
