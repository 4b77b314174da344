import type { Clock } from '../ports/clock.ts'

/** A transfer that brings less than this in a window is given up; so often in a row, and there is no package. */
export interface SpeedLimit {
  readonly bytesPerSecond: number
  readonly windowMs: number
  readonly tries: number
}

export interface SpeedWatch {
  readonly count: (bytes: number) => void
  readonly stop: () => void
}

/** Calls back once, when a whole window was too slow. */
export function watchSpeed(limit: SpeedLimit, clock: Clock, onSlow: () => void): SpeedWatch {
  const stopped = new AbortController()
  let inWindow = 0

  async function watch(): Promise<void> {
    do {
      inWindow = 0
      await clock.sleep(limit.windowMs, stopped.signal)
    } while (inWindow >= (limit.bytesPerSecond * limit.windowMs) / 1000)
    onSlow()
  }

  // It only ends early by being stopped.
  watch().catch(() => undefined)
  return {
    count: (bytes) => {
      inWindow += bytes
    },
    stop: () => {
      stopped.abort()
    },
  }
}
