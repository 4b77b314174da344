import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useDelayed } from './use-delayed.ts'

let scope: EffectScope
const isBusy = ref(false)

beforeEach(() => {
  vi.useFakeTimers()
  isBusy.value = false
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

function delayed() {
  const shown = scope.run(() => useDelayed(() => isBusy.value, 150))
  if (!shown) throw new Error('The scope has ended.')
  return shown
}

test('what is over quickly is never shown', async () => {
  const shown = delayed()
  isBusy.value = true
  await nextTick()
  vi.advanceTimersByTime(149)
  isBusy.value = false
  await nextTick()
  vi.advanceTimersByTime(1_000)
  expect(shown.value).toBe(false)
})

test('what takes its time is shown, and goes at once when it is over', async () => {
  const shown = delayed()
  isBusy.value = true
  await nextTick()
  vi.advanceTimersByTime(150)
  expect(shown.value).toBe(true)
  isBusy.value = false
  await nextTick()
  expect(shown.value).toBe(false)
})

test('nothing is shown by a component that has gone', async () => {
  const shown = delayed()
  isBusy.value = true
  await nextTick()
  scope.stop()
  vi.advanceTimersByTime(1_000)
  expect(shown.value).toBe(false)
})
