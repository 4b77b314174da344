import { z } from 'zod'
import { ActionId, DeviceId, HubId, Instant } from './ids.ts'
import { ActionParameters } from './parameters.ts'
import { Hold, Policy, WaveProgress } from './policy.ts'
import { Problem } from './problem.ts'
import { TargetCounts } from './target.ts'

/** Computed from the targets, never stored. */
export const ActionStatus = z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'unsettled'])
export type ActionStatus = z.infer<typeof ActionStatus>

/** Who asks the devices: this app with direct methods, or a job of the hub, which goes on when the app is closed. */
export const Engine = z.enum(['methods', 'job'])
export type Engine = z.infer<typeof Engine>

/** Why a campaign stopped by itself: the abort rule of its policy. */
export const Abort = z.object({ at: Instant, finished: z.number().int(), failed: z.number().int() })
export type Abort = z.infer<typeof Abort>

/** A person stopped what was not sent yet. */
export const Cancellation = z.object({ at: Instant, by: z.string().optional() })
export type Cancellation = z.infer<typeof Cancellation>

/** What the devices say under the id of the action, by the lagging index of the hub: never more than a figure. */
export const Indexed = z.object({
  asOf: Instant,
  statuses: z
    .array(z.object({ status: z.string().max(64), devices: z.number().int().nonnegative() }))
    .max(32),
})
export type Indexed = z.infer<typeof Indexed>

export const ActionSummary = z.object({
  actionId: ActionId,
  /** What the person calls it. */
  name: z.string().optional(),
  parameters: ActionParameters,
  engine: Engine,
  policy: Policy.optional(),
  hubId: HubId,
  hubName: z.string(),
  createdAt: Instant,
  /** The operating system's user that started it. */
  createdBy: z.string(),
  deadlineMs: z.number().int(),
  status: ActionStatus,
  total: z.number().int(),
  counts: TargetCounts,
  progress: WaveProgress.optional(),
  /** Only while it runs, and where looking at each device would be billed. */
  indexed: Indexed.optional(),
  /** Absent while devices are being asked. */
  hold: Hold.optional(),
  abort: Abort.optional(),
  cancellation: Cancellation.optional(),
  /** The action whose failed devices this one tries again. */
  retryOf: ActionId.optional(),
  endedAt: Instant.optional(),
  /** Why sending stopped before its end: the hub refuses the credential, or the journal cannot be written. */
  problem: Problem.optional(),
})
export type ActionSummary = z.infer<typeof ActionSummary>

/** How many devices one action may have: what a hub may have. */
const mostTargets = 1_000_000

export const DeviceIds = z.array(DeviceId).min(1).max(mostTargets)

/** How long after sending a device may take to prove the outcome; then it is `unknown`. Milliseconds. */
export const DeadlineMs = z
  .number()
  .int()
  .min(5_000)
  .max(7 * 86_400_000)

/** What the fleet was narrowed down to, as the person typed it, when they asked; every device of the action matches it. */
export const FleetQuery = z.string().trim().min(1).max(1024)

/** Which version of each device's twin a person was shown. */
export const Seen = z.record(DeviceId, z.string().max(128))

export const NewAction = z.object({
  hubId: HubId,
  name: z.string().trim().max(128).optional(),
  parameters: ActionParameters,
  deviceIds: DeviceIds,
  query: FleetQuery.optional(),
  deadlineMs: DeadlineMs,
  policy: Policy.optional(),
  engine: Engine.optional(),
  /** Only for the engine `job`: when the hub begins; at once when left out. */
  startAt: Instant.optional(),
  /** Only for a restore: the etag of each twin as the person was shown it, without which nothing is overwritten. */
  seen: Seen.optional(),
  /** What the person typed to confirm a factory reset: the count and the hub's name, as shown. */
  confirmation: z.object({ count: z.number().int(), hubName: z.string() }).optional(),
})
export type NewAction = z.infer<typeof NewAction>
