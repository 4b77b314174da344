import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

export interface FakeClock extends Clock {
  /** How many sleep. */
  readonly sleepers: number
  /** Moves the time on, and lets everything that is due then run, in order. */
  advance(durationMs: number): Promise<void>
  /** Sets the wall clock without letting time pass. */
  set(now: number): void
}

/** Time that only passes when it is told to. Starts on the first of January 2026. */
export function fakeClock(): FakeClock {
  let offset = 0
  let now = Date.UTC(2026, 0, 1)
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>()

  return {
    get sleepers() {
      return sleepers.size
    },
    now: () => now + offset,
    sleep(durationMs, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { due: now + Math.max(durationMs, 0), wake: resolve }
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(new Error('aborted'))
        }
        if (signal.aborted) {
          onAbort()
          return
        }
        sleepers.add(sleeper)
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
    set(wallClock) {
      offset = wallClock - now
    },
    async advance(durationMs) {
      const until = now + durationMs
      await settle()
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.due - b.due).find((sleeper) => sleeper.due <= until)
        if (next === undefined) break
        sleepers.delete(next)
        now = Math.max(now, next.due)
        next.wake()
        await settle()
      }
      now = until
    },
  }
}

/** Lets all that can go on without time go on: more turns than any chain of promises here is long. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await nextTurn()
}
