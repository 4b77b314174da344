import { z } from 'zod'
import { Engine, Seen } from '../../contract/app/action.ts'
import { ActionId, DeviceId, HubId, Instant } from '../../contract/app/ids.ts'
import { ActionParameters } from '../../contract/app/parameters.ts'
import { Policy } from '../../contract/app/policy.ts'
import { Problem } from '../../contract/app/problem.ts'
import { Evidence, Phase, Reason } from '../../contract/app/target.ts'
import type { Json } from './json.ts'
import { targetEventNames } from './target.ts'

/** A person has started an action: what, on which hub, and on exactly which devices, in the order of their turns. */
export const ActionStarted = z.object({
  type: z.literal('action'),
  at: Instant,
  actionId: ActionId,
  name: z.string().optional(),
  parameters: ActionParameters,
  /** Absent in what was written before there were jobs: then the app itself asked. */
  engine: Engine.optional(),
  policy: Policy.optional(),
  /** When a job of the hub begins. */
  startAt: Instant.optional(),
  retryOf: ActionId.optional(),
  seen: Seen.optional(),
  hubId: HubId,
  hubName: z.string(),
  hostName: z.string(),
  by: z.string(),
  deadlineMs: z.number(),
  deviceIds: z.array(DeviceId),
})
export type ActionStarted = z.infer<typeof ActionStarted>

/** Something has happened to one device of an action. */
export const TargetChanged = z.object({
  type: z.literal('target'),
  at: Instant,
  actionId: ActionId,
  deviceId: DeviceId,
  name: z.enum(targetEventNames),
  reason: Reason.optional(),
  evidence: Evidence.optional(),
  phase: Phase.optional(),
})
export type TargetChanged = z.infer<typeof TargetChanged>

/** What a person or the policy has decided about a whole action. */
export const campaignEventNames = [
  'wave',
  'settle',
  'approve',
  'pause',
  'resume',
  'interrupt',
  'halt',
  'abort',
  'cancel',
] as const
export type CampaignEventName = (typeof campaignEventNames)[number]

/** Something has happened to an action as a whole. `cancel` and `abort` cancel every target that still waits. */
export const CampaignChanged = z.object({
  type: z.literal('campaign'),
  at: Instant,
  actionId: ActionId,
  name: z.enum(campaignEventNames),
  /** The operating system's user, for what a person decided. */
  by: z.string().optional(),
  /** The wave that was opened, has settled, or was approved. */
  wave: z.number().int().positive().optional(),
  /** What the abort rule counted. */
  finished: z.number().int().optional(),
  failed: z.number().int().optional(),
  /** Why sending was halted. */
  problem: Problem.optional(),
})
export type CampaignChanged = z.infer<typeof CampaignChanged>

/** A job of the hub is about to be created, or was adopted: it asks these devices of the action. */
export const JobStarted = z.object({
  type: z.literal('job'),
  at: Instant,
  actionId: ActionId,
  jobId: z.string().min(1).max(128),
  deviceIds: z.array(DeviceId),
})
export type JobStarted = z.infer<typeof JobStarted>

/** JSON.parse made it, or will: what it means is for its reader to say. */
const AnyJson = z.custom<Json>((value) => value !== undefined)

/** What the hub kept for a device before something may have changed it, and what is about to be written there. */
export const TwinKept = z.object({
  type: z.literal('twin'),
  at: Instant,
  actionId: ActionId,
  deviceId: DeviceId,
  desired: AnyJson,
  tags: AnyJson,
  change: z.object({ desired: AnyJson.optional(), tags: AnyJson.optional() }).optional(),
})
export type TwinKept = z.infer<typeof TwinKept>

/** What the journal holds. The state of everything is what these records, in order, add up to. */
export const JournalRecord = z.discriminatedUnion('type', [
  ActionStarted,
  TargetChanged,
  CampaignChanged,
  JobStarted,
  TwinKept,
])
export type JournalRecord = z.infer<typeof JournalRecord>
