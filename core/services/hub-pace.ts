import type { ReadPace } from '../domain/pacing.ts'
import type { Clock } from '../ports/clock.ts'
import { Pacer } from './pacer.ts'

/** How fast one hub is asked, whatever runs on it. */
export interface HubPace {
  readonly methods: Pacer
  readonly reads: Pacer
  readonly updates: Pacer
  /** How eagerly a device in flight is looked at. */
  readonly following: ReadPace
}

/**
 * An S1 unit allows 40 direct methods, 100 twin reads and 50 twin updates a second (documented quotas); what is left over is for
 * other tools. A page is documented to lag, so a device in flight is looked at by get-twin.
 */
const azurePace = {
  methodsPerSecond: 36,
  readsPerSecond: 80,
  updatesPerSecond: 45,
  following: { leastMs: 2_000, mostMs: 30_000, share: 0.5 },
}

/** The hub on this machine has no bill. */
const localPace = {
  methodsPerSecond: 200,
  readsPerSecond: 400,
  updatesPerSecond: 200,
  following: { leastMs: 300, mostMs: 2_000, share: 0.1 },
}

export function hubPace(kind: 'local' | 'azure', clock: Clock): HubPace {
  const { methodsPerSecond, readsPerSecond, updatesPerSecond, following } =
    kind === 'local' ? localPace : azurePace
  return {
    methods: new Pacer({ perSecond: methodsPerSecond, burst: methodsPerSecond / 2 }, clock),
    reads: new Pacer({ perSecond: readsPerSecond, burst: readsPerSecond / 2 }, clock),
    updates: new Pacer({ perSecond: updatesPerSecond, burst: updatesPerSecond / 2 }, clock),
    following,
  }
}
