import type { Clock } from '../hub/clock.ts'
import { MessageMeter } from './message-meter.ts'
import type { MessageKind } from './message-meter.ts'
import { Throttles } from './throttles.ts'
import type { Throttled, Tier } from './tier.ts'

/** What a hub of a tier lets through, and what it charges. */
export interface Limits {
  /** Without a tier everything passes, and is counted still. */
  readonly tier: Tier | undefined
  readonly throttles: Throttles
  readonly meter: MessageMeter
}

export function createLimits(clock: Clock, tier: Tier | undefined): Limits {
  return { tier, throttles: new Throttles(clock, tier), meter: new MessageMeter(clock, tier) }
}

/** Milliseconds that a billed kind of work should wait; throws ThrottlingException, IotHubQuotaExceeded. */
export function admitBilled({ meter, throttles }: Limits, kind: MessageKind & Throttled, cost = 1): number {
  meter.assertQuota()
  return throttles.take(kind, cost)
}
