import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

export const systemClock: Clock = {
  now: () => new Date(),
  async wait(durationMs, signal) {
    try {
      await sleep(durationMs, undefined, signal ? { signal } : {})
    } catch (error) {
      // An abort ends the wait; the caller looks at its own signal.
      if (!signal?.aborted) throw error
    }
  },
}
