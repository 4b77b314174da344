import { z } from 'zod'
import { DeviceIds, Engine } from './action.ts'
import { DeviceId, HubId } from './ids.ts'
import { ActionParameters } from './parameters.ts'
import { Policy } from './policy.ts'

export const Verdict = z.enum([
  'ready',
  'unprovable',
  'offline',
  'disabled',
  'unsupported',
  'already-done',
  'busy',
  'missing',
  /** Somebody has written other values since the factory reset: a restore would undo that. */
  'changed-since',
  /** The journal has kept nothing of this device that could be restored. */
  'no-snapshot',
])
export type Verdict = z.infer<typeof Verdict>

export const PreflightRequest = z.object({
  hubId: HubId,
  parameters: ActionParameters,
  deviceIds: DeviceIds,
  policy: Policy.optional(),
  /** Direct methods when left out. */
  engine: Engine.optional(),
})
export type PreflightRequest = z.infer<typeof PreflightRequest>

/** What to know before it is confirmed. */
export const Warning = z.discriminatedUnion('kind', [
  /** Every device, or all but one, of a redundancy group would be worked on at the same time. */
  z.object({
    kind: z.literal('redundancy'),
    value: z.string(),
    devices: z.number().int(),
    of: z.number().int(),
  }),
  /** So many devices would come back at once; the hub takes so many new connections a second. */
  z.object({ kind: z.literal('reconnect-storm'), devices: z.number().int(), perSecond: z.number() }),
  /** One job cannot name them all; the last one begins so long after the first. Milliseconds. */
  z.object({
    kind: z.literal('several-jobs'),
    devices: z.number().int(),
    jobs: z.number().int(),
    lastAfterMs: z.number().int(),
  }),
  /** The day's messages of the hub would not suffice for this. */
  z.object({ kind: z.literal('daily-quota'), messages: z.number().int(), perDay: z.number().int() }),
  /** These devices say that their identity is wiped: they will not come back by themselves. */
  z.object({ kind: z.literal('identity-wiped'), devices: z.number().int() }),
  /** In the twins of these devices a restore would overwrite values that were written after the factory reset. */
  z.object({ kind: z.literal('changed-since'), devices: z.number().int() }),
  /** More devices than the blast radius allows: it will be refused. */
  z.object({ kind: z.literal('over-cap'), devices: z.number().int(), cap: z.number().int() }),
])
export type Warning = z.infer<typeof Warning>

/** What it costs, by the documented quotas of the hub's tier. */
export const Estimate = z.object({
  /** Until the last device was asked and had its share of the hub's limits; the devices' own time comes on top. Milliseconds. */
  durationMs: z.number().int(),
  /** Which documented limit sets the time. */
  boundBy: z.enum(['methods', 'twin-updates', 'twin-reads', 'connections', 'jobs', 'policy']),
  /** Messages as Azure bills them, when nothing goes wrong. */
  messages: z.number().int(),
  messagesPerDevice: z.number(),
})
export type Estimate = z.infer<typeof Estimate>

/** What a restore would change in one twin. */
export const Restore = z.object({
  /** The twin as it was read for this. */
  etag: z.string().max(128),
  /** The first of them. */
  values: z.array(
    z.object({
      section: z.enum(['desired', 'tags']),
      path: z.array(z.string()).min(1).max(16),
      /** JSON as text, and not all of it where it is long; absent for what is gone. */
      present: z.string().max(256).optional(),
      kept: z.string().max(256),
    }),
  ),
  /** How many there are in all. */
  count: z.number().int(),
})
export type Restore = z.infer<typeof Restore>

/** What would happen to each device, before anything is sent. */
export const Preflight = z.object({
  hubName: z.string(),
  verdicts: z.array(
    z.object({
      deviceId: DeviceId,
      verdict: Verdict,
      /** What the device says that a factory reset leaves in place; only for that kind, and where it says so. */
      keeps: z.array(z.string().max(128)).max(64).optional(),
      /** Only for a restore. */
      restore: Restore.optional(),
    }),
  ),
  estimate: Estimate,
  warnings: z.array(Warning),
})
export type Preflight = z.infer<typeof Preflight>
