export interface TokenBucketOptions {
  readonly perSecond: number
  /** Tokens that may be saved up. */
  readonly capacity: number
  /** Work that would have to wait longer is refused: the queue is full. */
  readonly longestWaitMs: number
}

/** `waitMs` is 0 for work that may begin at once. */
export type Turn = { readonly waitMs: number } | { readonly retryAfterMs: number }

/**
 * A token bucket with a bounded queue behind it. The queue is a debt of tokens: whoever takes tokens that are not
 * there yet waits until they would be, and nobody who comes later waits less.
 */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  #tokens: number
  #at: number

  constructor(options: TokenBucketOptions, now: number) {
    this.#options = options
    this.#tokens = options.capacity
    this.#at = now
  }

  take(cost: number, now: number): Turn {
    this.#refill(now)
    const { perSecond, longestWaitMs } = this.#options
    // Whole milliseconds, as of timers, and blind to what floating point adds.
    const waitMs = Math.max(0, Math.ceil(((cost - this.#tokens) / perSecond) * 1000 - 1e-6))
    if (waitMs > longestWaitMs) return { retryAfterMs: waitMs - longestWaitMs }
    this.#tokens -= cost
    return { waitMs }
  }

  /** A clock that is set back gives nothing and takes nothing. */
  #refill(now: number): void {
    const { perSecond, capacity } = this.#options
    const elapsedMs = Math.max(0, now - this.#at)
    this.#tokens = Math.min(capacity, this.#tokens + (elapsedMs / 1000) * perSecond)
    this.#at = now
  }
}
