import type { Hub } from '../hub/hub.ts'
import type { Limits } from '../limits/limits.ts'
import { limitsOf } from '../limits/tier.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import { findDevices } from './find-devices.ts'
import { Jobs } from './jobs.ts'

/** The jobs of a hub; as many at once, and as fast, as its tier allows. */
export function createJobs(hub: Hub, { tier, meter }: Limits, onBug: (error: unknown) => void): Jobs {
  const limits = tier && limitsOf(tier)
  return new Jobs({
    hub,
    meter,
    mostActive: limits?.mostActiveJobs ?? Infinity,
    findDevices: (condition) => findDevices(hub, condition),
    nextTurn: limits ? turnsOf(hub, limits.jobDevicesPerSecond) : () => Promise.resolve(),
    onBug,
  })
}

function turnsOf({ clock }: Hub, perSecond: number): () => Promise<void> {
  const bucket = new TokenBucket({ perSecond, capacity: 1, longestWaitMs: Infinity }, clock.now())
  return async () => {
    const turn = bucket.take(1, clock.now())
    const waitMs = 'waitMs' in turn ? turn.waitMs : 0
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve))
  }
}
