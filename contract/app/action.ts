import { z } from 'zod'
import { ActionId, DeviceId, HubId, Instant } from './ids.ts'
import { Problem } from './problem.ts'

export const ActionKind = z.enum(['reboot', 'method', 'desired', 'tags'])
export type ActionKind = z.infer<typeof ActionKind>

/** JSON as text. It stays text on its way: what a person or a device wrote is shown as it was written. */
export const JsonText = z.string().max(131_072)

/** What is asked of each device of an action. */
export const ActionParameters = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reboot') }),
  /** A direct method of any name. The hub allows payloads up to 128 KB and 5 to 300 seconds for the answer. */
  z.object({
    kind: z.literal('method'),
    methodName: z.string().min(1).max(100),
    payload: JsonText,
    responseTimeoutMs: z.number().int().min(5_000).max(300_000),
  }),
  /** A merge patch of the desired properties: a JSON object, in which null removes. */
  z.object({ kind: z.literal('desired'), patch: JsonText }),
  /** A merge patch of the tags, which devices do not see. */
  z.object({ kind: z.literal('tags'), patch: JsonText }),
])
export type ActionParameters = z.infer<typeof ActionParameters>

/** Where one device of an action stands. `unknown` is not `failed`: the request left, and it may have run. */
export const TargetStatus = z.enum([
  'waiting',
  'sending',
  'working',
  'cancelling',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
])
export type TargetStatus = z.infer<typeof TargetStatus>

/** What a working device is at: it said yes, or it was seen gone. */
export const Phase = z.enum(['accepted', 'rebooting'])
export type Phase = z.infer<typeof Phase>

/** Why a target stands where it stands. The words are the window's. */
export const ReasonCode = z.enum([
  'offline',
  'not-found',
  'refused',
  'unsupported',
  'locked',
  'busy',
  'expired',
  'hub-refused',
  'unreached',
  'no-answer',
  'did-not-return',
  'did-not-reboot',
  'device-failed',
  'not-provable',
  'interrupted',
])
export type ReasonCode = z.infer<typeof ReasonCode>

export const Reason = z.object({
  code: ReasonCode,
  /** The device's or the hub's own words: hostile text, shown as text. */
  detail: z.string().max(1024).optional(),
})
export type Reason = z.infer<typeof Reason>

/** What an outcome rests on. */
export const Evidence = z.discriminatedUnion('kind', [
  /** Another boot id under the same action id: the machine started anew because of this action. */
  z.object({
    kind: z.literal('boot-id'),
    bootIdBefore: z.string(),
    bootIdAfter: z.string(),
    /** From the device's own record; its clock, in milliseconds. */
    downMs: z.number().int().nonnegative().optional(),
    readAt: Instant,
  }),
  /** The tutorial's `lastReboot` is written before the restart: it shows that the device meant to, never that it did. */
  z.object({
    kind: z.literal('reported'),
    lastReboot: z.string(),
    leftAt: Instant.optional(),
    returnedAt: Instant.optional(),
    readAt: Instant,
  }),
  /** What the device itself answered to a direct method: its own status, and its payload as JSON text. */
  z.object({ kind: z.literal('answer'), status: z.number().int(), payload: JsonText, readAt: Instant }),
  /** The hub stored the patch; `version` is the section's after it. Whether the device acts on it is another matter. */
  z.object({ kind: z.literal('twin'), version: z.number().int(), readAt: Instant }),
])
export type Evidence = z.infer<typeof Evidence>

/** One device of an action. */
export const Target = z.object({
  deviceId: DeviceId,
  status: TargetStatus,
  phase: Phase.optional(),
  reason: Reason.optional(),
  evidence: Evidence.optional(),
  sentAt: Instant.optional(),
  changedAt: Instant,
})
export type Target = z.infer<typeof Target>

/** Computed from the targets, never stored. */
export const ActionStatus = z.enum(['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'unsettled'])
export type ActionStatus = z.infer<typeof ActionStatus>

export const TargetCounts = z.record(TargetStatus, z.number().int().nonnegative())
export type TargetCounts = z.infer<typeof TargetCounts>

export const ActionSummary = z.object({
  actionId: ActionId,
  parameters: ActionParameters,
  hubId: HubId,
  hubName: z.string(),
  createdAt: Instant,
  /** The operating system's user that started it. */
  createdBy: z.string(),
  deadlineMs: z.number().int(),
  status: ActionStatus,
  total: z.number().int(),
  counts: TargetCounts,
  endedAt: Instant.optional(),
  /** Why sending stopped before its end: the hub refuses the credential, or the journal cannot be written. */
  problem: Problem.optional(),
})
export type ActionSummary = z.infer<typeof ActionSummary>

/** How many devices one action may have: what a hub may have. */
const mostTargets = 1_000_000

const deviceIds = z.array(DeviceId).min(1).max(mostTargets)

export const NewAction = z.object({
  hubId: HubId,
  parameters: ActionParameters,
  deviceIds,
  /** How long after sending a device may take to prove the outcome; then it is `unknown`. Milliseconds. */
  deadlineMs: z.number().int().min(5_000).max(86_400_000),
})
export type NewAction = z.infer<typeof NewAction>

export const Verdict = z.enum([
  'ready',
  'unprovable',
  'offline',
  'disabled',
  'unsupported',
  'busy',
  'missing',
])
export type Verdict = z.infer<typeof Verdict>

export const PreflightRequest = z.object({ hubId: HubId, kind: ActionKind, deviceIds })
export type PreflightRequest = z.infer<typeof PreflightRequest>

/** What would happen to each device, before anything is sent. */
export const Preflight = z.object({
  hubName: z.string(),
  verdicts: z.array(z.object({ deviceId: DeviceId, verdict: Verdict })),
})
export type Preflight = z.infer<typeof Preflight>

/** What changed among the targets of one action; the first value is a reset with all of them. */
export const TargetsChange = z.object({ isReset: z.boolean(), targets: z.array(Target) })
export type TargetsChange = z.infer<typeof TargetsChange>
