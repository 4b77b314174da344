import { z } from 'zod'
import { ActionParameters, Evidence, Reason } from '../../contract/app/action.ts'
import { ActionId, DeviceId, HubId, Instant } from '../../contract/app/ids.ts'
import { targetEventNames } from './target.ts'

/** A person has started an action: what, on which hub, and on exactly which devices. */
export const ActionStarted = z.object({
  type: z.literal('action'),
  at: Instant,
  actionId: ActionId,
  parameters: ActionParameters,
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
})
export type TargetChanged = z.infer<typeof TargetChanged>

/** What the journal holds. The state of everything is what these records, in order, add up to. */
export const JournalRecord = z.discriminatedUnion('type', [ActionStarted, TargetChanged])
export type JournalRecord = z.infer<typeof JournalRecord>
