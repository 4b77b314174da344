import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

export interface FakeClock extends Clock {
  /** How many sleep. */
  readonly sleepers: number
  /** Moves the time on, and lets everything that is due then run, in order. */
  advance(durationMs: number): Promise<void>
  /** Sets the wall clock without letting time pass. */
  set(now: number): void
  /** Whether the wall clock has asked the network. */
  isSet: boolean
}

/** Time that only passes when it is told to. Starts on the first of January 2026. */
export function fakeClock(): FakeClock {
  const start = Date.UTC(2026, 0, 1)
  let [now, offset] = [start, 0]
  const sleepers = new Set<Sleeper>()

  return {
    get sleepers() {
      return sleepers.size
    },
    isSet: true,
    now: () => now + offset,
    isSynced() {
      return this.isSet
    },
    uptime: () => now - start,
    sleep(durationMs, signal) {
      return new Promise((resolve, reject) => {
        const wake = () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        }
        const sleeper = { due: now + Math.max(durationMs, 0), wake }
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        }
        sleepers.add(sleeper)
        signal.addEventListener('abort', onAbort, { once: true })
        if (signal.aborted) onAbort()
      })
    },
    set(wallClock) {
      offset = wallClock - now
    },
    async advance(durationMs) {
      const until = now + durationMs
      await settle()
      for (;;) {
        const next = firstDue(sleepers, until)
        if (!next) break
        sleepers.delete(next)
        now = Math.max(now, next.due)
        next.wake()
        await settle()
      }
      now = until
    },
  }
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

function firstDue(sleepers: ReadonlySet<Sleeper>, until: number): Sleeper | undefined {
  return [...sleepers].sort((a, b) => a.due - b.due).find(({ due }) => due <= until)
}

/** Lets all that can go on without time go on: Node runs each promise that is ready before the next turn. */
export async function settle(): Promise<void> {
  await nextTurn()
}
