import { expect, test } from 'vitest'
import { systemClock } from './system-clock.ts'

test('a sleep ends after its time', async () => {
  const before = systemClock.now()
  await systemClock.sleep(20, new AbortController().signal)
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(18)
})

test('a sleep that is longer than a timer can be does not end at once, and ends when it is aborted', async () => {
  const stop = new AbortController()
  let ended = false
  const sleeps = [2 ** 31, Infinity].map((durationMs) =>
    systemClock.sleep(durationMs, stop.signal).catch(() => {
      ended = true
    }),
  )
  await systemClock.sleep(20, new AbortController().signal)
  expect(ended).toBe(false)
  stop.abort()
  await Promise.all(sleeps)
  expect(ended).toBe(true)
})
