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

/** The bucket as it is now. */
export function refilled(rate: Rate, bucket: Bucket, now: number): Bucket {
  const elapsedMs = Math.max(0, now - bucket.at)
  const tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1000)
  return { tokens, at: Math.max(now, bucket.at) }
}

/**
 * How long until one may go, 0 for now. Who costs more than one goes when one could, and leaves the bucket below
 * zero: a request that is larger than the burst would wait for ever otherwise. Milliseconds.
 */
export function waitForTurn(rate: Rate, { tokens, at }: Bucket, now: number): number {
  if (tokens >= 1) return 0
  return Math.ceil(((1 - tokens) * 1000) / rate.perSecond) + Math.max(0, at - now)
}

/** A rate that was lowered, because the hub said that it was at its limit. */
export interface Slowdown {
  readonly perSecond: number
  /** From when it rises again. Milliseconds. */
  readonly since: number
}

/** Each refusal costs three tenths of the rate, each second without one wins a fiftieth of the full rate back. */
const kept = 0.7
const wonEachSecond = 0.02
/** Below this share of the full rate it never goes: a hub that nobody asks cannot say that it is free again. */
const floor = 0.05

/** The rate now: additive increase, up to the full rate. */
export function currentRate(full: Rate, slowdown: Slowdown | undefined, now: number): Rate {
  if (!slowdown) return full
  const won = (Math.max(0, now - slowdown.since) / 1000) * wonEachSecond * full.perSecond
  return { ...full, perSecond: Math.min(full.perSecond, slowdown.perSecond + won) }
}

/**
 * Multiplicative decrease; `resumeAt` is when the next may go. Refusals of what was sent before the last slowdown
 * took effect are one refusal.
 */
export function slowDown(
  full: Rate,
  slowdown: Slowdown | undefined,
  { now, resumeAt }: { readonly now: number; readonly resumeAt: number },
): Slowdown {
  if (slowdown && now < slowdown.since) return { ...slowdown, since: Math.max(slowdown.since, resumeAt) }
  const { perSecond } = currentRate(full, slowdown, now)
  return { perSecond: Math.max(full.perSecond * floor, perSecond * kept), since: resumeAt }
}

/** A question whose answer was lost is asked again after these times, in milliseconds, and then no more. */
const askAgainAfterMs = [3_000, 6_000, 12_000, 24_000, 48_000] as const

/** When to ask again after so many times, counted from the last time; undefined when that is enough. */
export function askAgainDelayMs(timesAsked: number): number | undefined {
  return askAgainAfterMs[timesAsked]
}
