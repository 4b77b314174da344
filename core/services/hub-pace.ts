import type { HubTier } from '../../contract/app/hub.ts'
import type { JobPace } from '../domain/job-plan.ts'
import type { LookPace } from '../domain/looking.ts'
import { quotaOf } from '../domain/quota.ts'
import type { Clock } from '../ports/clock.ts'
import { Pacer } from './pacer.ts'

/** How fast one hub is asked, whatever runs on it. */
export interface HubPace {
  readonly methods: Pacer
  readonly reads: Pacer
  /** The patches of the app and the reports of the devices: the hub has one limit for both. */
  readonly updates: Pacer
  /** Devices that are sent away and come back. */
  readonly connections: Pacer
  /** How eagerly a device in flight is looked at. */
  readonly looking: LookPace
  /** How many devices the jobs of the hub turn to; undefined where nothing limits them. */
  readonly jobs: JobPace | undefined
  /** Messages as Azure bills them; without end where nobody bills. */
  readonly messagesPerDay: number
}

/** What is left over is for other tools, and for a hub that counts a little differently. */
const usedShare = 0.95
const readShare = 0.9

/** The hub on this machine has no bill, and no limits unless somebody has asked for those of a tier. */
const localPace = {
  methodsPerSecond: 200,
  readsPerSecond: 400,
  updatesPerSecond: 800,
  connectionsPerSecond: 200,
  looking: { leastMs: 300, mostMs: 2_000, share: 0.1, isBilled: false },
}

/** A twin query is documented to lag, so a device in flight is looked at by get-twin, which Azure bills. */
const billedLooking: LookPace = { leastMs: 4_000, mostMs: 60_000, share: 0.5, isBilled: true }

/** The pace for a hub of a tier, undefined for the hub on this machine without limits. */
export function hubPace(tier: HubTier | undefined, clock: Clock): HubPace {
  const quota = tier && quotaOf(tier)
  const pacer = (perSecond: number): Pacer =>
    new Pacer({ perSecond, burst: Math.max(1, perSecond / 4) }, clock)
  const share = quota ? usedShare : 1
  const { methodsPerSecond, readsPerSecond, updatesPerSecond, connectionsPerSecond } = quota ?? localPace
  return {
    methods: pacer(methodsPerSecond * share),
    reads: pacer(readsPerSecond * (quota ? readShare : 1)),
    updates: pacer(updatesPerSecond * share),
    connections: pacer(connectionsPerSecond * share),
    looking: quota ? billedLooking : localPace.looking,
    jobs: quota && { devicesPerSecond: quota.jobDevicesPerSecond, atOnce: quota.jobsAtOnce },
    messagesPerDay: quota?.messagesPerDay ?? Infinity,
  }
}
