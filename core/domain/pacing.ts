/** How often something may be done. */
export interface Rate {
  readonly perSecond: number
  /** How many may go at once after a rest. */
  readonly burst: number
}

/** A token bucket as a value: how full it was, and when. Times in milliseconds. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

export function fullBucket(rate: Rate, now: number): Bucket {
  return { tokens: rate.burst, at: now }
}

/**
 * Takes one token. The bucket may go below zero: each taker is told how long to wait for its own token, so that
 * those who wait keep the order in which they came.
 */
export function takeToken(rate: Rate, bucket: Bucket, now: number): { bucket: Bucket; waitMs: number } {
  const elapsedMs = Math.max(0, now - bucket.at)
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1000) - 1
  const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / rate.perSecond)
  return { bucket: { tokens, at: Math.max(now, bucket.at) }, waitMs }
}

/** How eagerly a device in flight is looked at. */
export interface ReadPace {
  readonly leastMs: number
  readonly mostMs: number
  /** The next look comes after this share of the time that has passed. */
  readonly share: number
}

/** The longer a device has been gone, the less one more look is worth. */
export function nextReadDelayMs(pace: ReadPace, elapsedMs: number): number {
  return Math.min(pace.mostMs, Math.max(pace.leastMs, elapsedMs * pace.share))
}

/** A question whose answer was lost is asked again after these times, in milliseconds, and then no more. */
const askAgainAfterMs = [3_000, 6_000, 12_000, 24_000, 48_000] as const

/** When to ask again after so many times, counted from the last time; undefined when that is enough. */
export function askAgainDelayMs(timesAsked: number): number | undefined {
  return askAgainAfterMs[timesAsked]
}
