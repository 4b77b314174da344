import { uptime } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

/** Node's timers hold 31 bits; what is longer goes in pieces. */
const longestTimerMs = 2 ** 31 - 1

/** This version was not there before: a clock that says so has not been set. */
export const writtenAt = Date.UTC(2026, 9, 1)

export const systemClock: Clock = {
  now: () => Date.now(),
  isSynced: () => Date.now() >= writtenAt,
  uptime: () => uptime() * 1000,
  async sleep(durationMs, signal) {
    let leftMs = durationMs
    while (leftMs > longestTimerMs) {
      await delay(longestTimerMs, undefined, { signal })
      leftMs -= longestTimerMs
    }
    await delay(leftMs, undefined, { signal })
  },
}
