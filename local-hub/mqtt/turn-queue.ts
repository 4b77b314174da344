import type { CancelTimer, Clock } from '../hub/clock.ts'

/** The delayed work of one device: it runs in the order in which it came, although each piece has its own delay. */
export class TurnQueue {
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  readonly #timers = new Set<CancelTimer>()
  #lastDueAt = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs the work at once when it need not wait for time or for earlier work. */
  run(delayMs: number, work: () => void): void {
    if (delayMs === 0 && this.#waiting.length === 0) return work()
    const now = this.#clock.now()
    this.#lastDueAt = Math.max(now + delayMs, this.#lastDueAt)
    this.#waiting.push(work)
    const cancel = this.#clock.after(this.#lastDueAt - now, () => {
      this.#timers.delete(cancel)
      // Timers that are due together may fire in any order; the work does not.
      this.#waiting.shift()?.()
    })
    this.#timers.add(cancel)
  }

  /** Drops what still waits. */
  clear(): void {
    this.#waiting.length = 0
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
