import type { Clock } from '../ports/clock.ts'

/** The longest sleep in one go: timers of the system overflow after 24 days, and a laptop's own sleep stretches them. */
const longestMs = 3_600_000

/** Why a sleep has ended; nobody asks. */
const woken = 'woken'

/** The sleep of one loop, which anybody may end. Who wakes a loop that is awake spares it the next sleep. */
export class Sleeper {
  readonly #clock: Clock
  #isWoken = false
  #getUp: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#isWoken = true
    this.#getUp()
  }

  /** Resolves when it is woken, or after the time; without a time only when it is woken. Milliseconds. */
  async sleep(durationMs?: number): Promise<void> {
    if (!this.#isWoken) await (durationMs === undefined ? this.#untilWoken() : this.#atMost(durationMs))
    this.#isWoken = false
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#getUp = resolve
    })
  }

  async #atMost(durationMs: number): Promise<void> {
    const nap = new AbortController()
    // The usual reason is an error with a stack of its own, which costs more than the sleep.
    this.#getUp = () => nap.abort(woken)
    await this.#clock.wait(Math.min(durationMs, longestMs), nap.signal)
  }
}
