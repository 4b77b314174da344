import { z } from 'zod'
import { Engine, FleetQuery, Seen } from '../../contract/app/action.ts'
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
  query: FleetQuery.optional(),
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

/** As `Instant` has it. */
const instant = z.regexes.datetime({})
const names = new Set<unknown>(targetEventNames)

/**
 * A record as it was read from JSON. Errors: `ZodError` for what this version does not know. Nine of ten records say in five
 * properties that something happened to a device; those are looked at here, which takes a tenth of the time.
 */
export function checkRecord(value: unknown): JournalRecord {
  return isPlainChange(value) ? value : JournalRecord.parse(value)
}

function isPlainChange(value: unknown): value is TargetChanged {
  if (typeof value !== 'object' || value === null) return false
  const { type, at, actionId, deviceId, name, evidence } = value as Readonly<Record<string, unknown>>
  return (
    type === 'target' &&
    typeof at === 'string' &&
    instant.test(at) &&
    isText(actionId, 64) &&
    isText(deviceId, 128) &&
    names.has(name) &&
    hasOnly(value, evidence)
  )
}

/** Five properties, or a proof as the sixth. */
function hasOnly(value: object, evidence: unknown): boolean {
  const { length } = Object.keys(value)
  return length === 5 || (length === 6 && evidence !== undefined && isBootProof(evidence))
}

function isBootProof(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { kind, bootIdBefore, bootIdAfter, downMs, readAt } = value as Readonly<Record<string, unknown>>
  return (
    kind === 'boot-id' &&
    typeof bootIdBefore === 'string' &&
    typeof bootIdAfter === 'string' &&
    typeof readAt === 'string' &&
    instant.test(readAt) &&
    Number.isSafeInteger(downMs) &&
    Number(downMs) >= 0 &&
    Object.keys(value).length === 5
  )
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= most
}
