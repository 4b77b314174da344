import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { FeedbackQueue } from './feedback-queue.ts'

function scene() {
  const clock = new FakeClock()
  const queue = new FeedbackQueue(clock)
  const add = (...ids: readonly string[]) => {
    for (const originalMessageId of ids) {
      queue.add({
        originalMessageId,
        outcome: 'Success',
        deviceId: 'd',
        deviceGenerationId: '1',
        at: clock.now(),
      })
    }
  }
  const idsOf = (batch: ReturnType<FeedbackQueue['lockBatch']>) =>
    batch?.records.map(({ originalMessageId }) => originalMessageId)
  return { clock, queue, add, idsOf }
}

test('a batch holds what waits, and is gone when it is ended', () => {
  const { queue, add, idsOf } = scene()
  add('a', 'b')
  const batch = queue.lockBatch()
  expect(idsOf(batch)).toEqual(['a', 'b'])
  expect(queue.lockBatch()).toBeUndefined()
  queue.end(batch?.lockToken ?? '')
  queue.release(batch?.lockToken ?? '')
  expect(queue.lockBatch()).toBeUndefined()
})

test('a batch that is released comes again, before what arose meanwhile', () => {
  const { queue, add, idsOf } = scene()
  add('a')
  const batch = queue.lockBatch()
  add('b')
  queue.release(batch?.lockToken ?? '')
  expect(idsOf(queue.lockBatch())).toEqual(['a', 'b'])
})

test('a batch holds at most 64 records', () => {
  const { queue, add } = scene()
  add(...Array.from({ length: 70 }, (_, index) => String(index)))
  expect([queue.lockBatch()?.records.length, queue.lockBatch()?.records.length]).toEqual([64, 6])
})

test('feedback that nobody took for an hour is gone', () => {
  const { clock, queue, add, idsOf } = scene()
  add('old')
  clock.advance(3_599_999)
  add('new')
  clock.advance(1)
  expect(idsOf(queue.lockBatch())).toEqual(['new'])
})

test('only so much waits for a back end that never comes', () => {
  const { queue, add, idsOf } = scene()
  add('first', ...Array.from({ length: 10_000 }, (_, index) => String(index)))
  expect(idsOf(queue.lockBatch())?.[0]).toBe('0')
})

test('a listener hears of new and of released feedback, until it listens no more', () => {
  const { queue, add } = scene()
  let wakeUps = 0
  const stop = queue.onAvailable(() => (wakeUps += 1))
  add('a')
  queue.release(queue.lockBatch()?.lockToken ?? '')
  stop()
  add('b')
  expect(wakeUps).toBe(2)
})
