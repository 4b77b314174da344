import { fullBucket, takeToken, type Bucket, type Rate } from '../domain/pacing.ts'
import type { Clock } from '../ports/clock.ts'

/** Lets callers through no faster than a rate, in the order in which they came. */
export class Pacer {
  readonly #rate: Rate
  readonly #clock: Clock
  #bucket: Bucket
  #pausedUntil = 0

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
    this.#bucket = fullBucket(rate, clock.now().getTime())
  }

  /** Resolves when it is the caller's turn, or at once when the signal is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    const { bucket, waitMs } = takeToken(this.#rate, this.#bucket, this.#now())
    this.#bucket = bucket
    if (waitMs > 0) await this.#clock.wait(waitMs, signal)
    while (this.#pausedUntil > this.#now() && !signal.aborted) {
      await this.#clock.wait(this.#pausedUntil - this.#now(), signal)
    }
  }

  /** The other side asked everybody to wait. */
  pause(durationMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + durationMs)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
