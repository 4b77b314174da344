interface Bucket {
  readonly count: number
  /** When the last admitted takeover is, or will be. */
  readonly lastAt: number
}

/** Takeovers that pass at once, and the pause between those that follow. */
const burst = 3
const pauseMs = 1000
/** Calm for so long, and the burst is available again. */
const calmMs = 30_000

/**
 * Two programs with one device id throw each other out for ever, hundreds of times a second, because SDK clients
 * reconnect at once after a clean close. The hub makes the newer one wait.
 */
export class TakeoverLimit {
  readonly #buckets = new Map<string, Bucket>()

  /** How long the takeover that now arrives should wait. */
  delayMs(deviceId: string, now: number): number {
    const known = this.#buckets.get(deviceId)
    const bucket = known && now - known.lastAt < calmMs ? known : { count: 0, lastAt: now }
    const at = bucket.count < burst ? now : Math.max(now, bucket.lastAt + pauseMs)
    this.#buckets.set(deviceId, { count: bucket.count + 1, lastAt: at })
    return at - now
  }
}
