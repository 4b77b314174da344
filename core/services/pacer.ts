import {
  currentRate,
  fullBucket,
  refilled,
  slowDown,
  waitForTurn,
  type Bucket,
  type Rate,
  type Slowdown,
} from '../domain/pacing.ts'
import type { Clock } from '../ports/clock.ts'

/** Lets callers through no faster than a rate, which falls when the other side is at its limit and rises again. */
export class Pacer {
  readonly #full: Rate
  readonly #clock: Clock
  #bucket: Bucket
  #slowdown: Slowdown | undefined
  #resumeAt = 0

  constructor(rate: Rate, clock: Clock) {
    this.#full = rate
    this.#clock = clock
    this.#bucket = fullBucket(rate, clock.now().getTime())
  }

  /** How long until somebody may go, 0 for now. Milliseconds. */
  get waitMs(): number {
    const now = this.#now()
    if (now < this.#resumeAt) return this.#resumeAt - now
    this.#refill(now)
    return waitForTurn(this.#rateAt(now), this.#bucket, now)
  }

  /** When everybody may go on, where the other side has asked for a pause that is not over; milliseconds. */
  get pausedUntil(): number | undefined {
    return this.#now() < this.#resumeAt ? this.#resumeAt : undefined
  }

  /** The caller goes now, having looked at `waitMs`. `cost` is in requests of the usual size. */
  spend(cost = 1): void {
    this.#refill(this.#now())
    this.#bucket = { ...this.#bucket, tokens: this.#bucket.tokens - cost }
  }

  /** Resolves when it is the caller's turn, or at once when the signal is aborted. */
  async take(signal: AbortSignal, cost = 1): Promise<void> {
    for (let { waitMs } = this; waitMs > 0 && !signal.aborted; waitMs = this.waitMs)
      await this.#clock.wait(waitMs, signal)
    if (!signal.aborted) this.spend(cost)
  }

  /** The other side is at its limit, and asked everybody to wait. */
  throttled(pauseMs: number): void {
    const now = this.#now()
    this.#slowdown = slowDown(this.#full, this.#slowdown, { now, resumeAt: now + pauseMs })
    this.pause(pauseMs)
  }

  /** Nobody goes for a while, at the same rate as before afterwards. */
  pause(pauseMs: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, this.#now() + pauseMs)
    // What was saved up before the pause is gone: those who wait would all go at once.
    this.#bucket = { tokens: Math.min(0, this.#bucket.tokens), at: this.#resumeAt }
  }

  #refill(now: number): void {
    this.#bucket = refilled(this.#rateAt(now), this.#bucket, now)
  }

  #rateAt(now: number): Rate {
    return currentRate(this.#full, this.#slowdown, now)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
