import type { Clock } from '../hub/clock.ts'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z')
  readonly #timers = new Set<Timer>()

  get timerCount(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + Math.max(delayMs, 0), task }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Lets the time pass, and each timer run at its own moment. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#nextBy(end); next; next = this.#nextBy(end)) {
      this.#timers.delete(next)
      this.#now = next.at
      next.task()
    }
    this.#now = end
  }

  #nextBy(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  }
}
