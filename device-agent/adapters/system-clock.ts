import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

/** Node's timers hold 31 bits; what is longer goes in pieces. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(durationMs, signal) {
    let leftMs = durationMs
    while (leftMs > longestTimerMs) {
      await delay(longestTimerMs, undefined, { signal })
      leftMs -= longestTimerMs
    }
    await delay(leftMs, undefined, { signal })
  },
}
