import type { Clock } from '../hub/clock.ts'
import { HubError } from '../hub/hub-error.ts'
import { limitsOf } from './tier.ts'
import type { Throttled, Tier } from './tier.ts'
import { TokenBucket } from './token-bucket.ts'

export interface ThrottleCount {
  /** What the tier allows. */
  readonly perSecond: number
  /** Work that had to wait. */
  readonly delayed: number
  /** Work that was refused with 429. */
  readonly refused: number
}

/** Throttles are "applied in minute ranges", and "the first minute or two" of a burst pass. */
const usualBurstSeconds = 60

/** How long work may wait in the queue; the real length is not published. */
const longestWaitMs = 10_000

/**
 * Rate limits as of a tier: bursts pass, then work waits, then it is refused. Without a tier there is no limit.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling#traffic-shaping
 */
export class Throttles {
  readonly #clock: Clock
  readonly #lanes: ReadonlyMap<Throttled, Lane>

  constructor(clock: Clock, tier: Tier | undefined) {
    this.#clock = clock
    this.#lanes = tier ? lanesOf(tier, clock.now()) : new Map()
  }

  /** How long the work should wait, in milliseconds; throws ThrottlingException. */
  take(throttled: Throttled, cost = 1): number {
    const lane = this.#lanes.get(throttled)
    if (!lane) return 0
    const turn = lane.bucket.take(cost, this.#clock.now())
    if ('retryAfterMs' in turn) {
      lane.refused += 1
      throw new HubError('ThrottlingException', `Throttling limit exceeded for ${throttled}.`, turn)
    }
    if (turn.waitMs > 0) lane.delayed += 1
    return turn.waitMs
  }

  /** Empty without a tier. */
  counts(): Readonly<Record<string, ThrottleCount>> {
    return Object.fromEntries(
      Iterator.from(this.#lanes).map(([throttled, { perSecond, delayed, refused }]) => [
        throttled,
        { perSecond, delayed, refused },
      ]),
    )
  }
}

interface Lane {
  readonly bucket: TokenBucket
  readonly perSecond: number
  delayed: number
  refused: number
}

function lanesOf(tier: Tier, now: number): ReadonlyMap<Throttled, Lane> {
  const { burstSeconds = usualBurstSeconds } = tier
  const lane = (perSecond: number): Lane => {
    // A bucket that holds no whole token would never be full.
    const capacity = Math.max(1, perSecond * burstSeconds)
    return {
      bucket: new TokenBucket({ perSecond, capacity, longestWaitMs }, now),
      perSecond,
      delayed: 0,
      refused: 0,
    }
  }
  const rates = Object.entries(limitsOf(tier).perSecond) as [Throttled, number][]
  return new Map(rates.map(([throttled, perSecond]) => [throttled, lane(perSecond)]))
}
