import { expect, test } from 'vitest'
import { WaitingMessages } from './waiting-messages.ts'

test('so many may wait, and one more is refused until one of them has ended', async () => {
  const waiting = new WaitingMessages()
  const endings: (() => void)[] = []
  const start = () =>
    waiting.take(
      () =>
        new Promise<void>((resolve) => {
          endings.push(resolve)
        }),
    )
  const started = Array.from({ length: 256 }, start)
  expect(start).toThrow('At most 256 messages')
  expect(endings).toHaveLength(256)
  endings[0]?.()
  await started[0]
  await Promise.resolve()
  void start()
  expect(start).toThrow('At most 256 messages')
})

test('what is done at once, or fails, waits for nothing', async () => {
  const waiting = new WaitingMessages()
  for (let count = 0; count < 1000; count += 1) {
    expect(waiting.take(() => undefined)).toBeUndefined()
    await expect(waiting.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  }
})
