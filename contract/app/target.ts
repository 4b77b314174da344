import { z } from 'zod'
import { DeviceId, Instant } from './ids.ts'
import { JsonText } from './parameters.ts'
import { FaultValues } from './problem.ts'

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

/** What a working device is at: it said yes, it was seen gone or back, or what it reports of itself. */
export const Phase = z.enum([
  'accepted',
  'rebooting',
  'downloading',
  'verifying',
  'applying',
  'checking',
  'resetting',
  /** It has disconnected after it said yes: as a restart does, and a renewed token, too. */
  'away',
  /** It is connected again, and has not proved anything. */
  'returned',
])
export type Phase = z.infer<typeof Phase>

/** Why a target stands where it stands. The words are the window's. */
export const ReasonCode = z.enum([
  'offline',
  'not-found',
  /** 404001 for a device that exists: it is disabled. */
  'disabled',
  /** 404103 while the device is connected: nobody on it handles direct methods. */
  'no-handler',
  'refused',
  'unsupported',
  'locked',
  'busy',
  'expired',
  'hub-refused',
  'unreached',
  'no-answer',
  'did-not-return',
  /** The device said yes, and the time passed without a sign that it ever restarted. */
  'never-rebooted',
  'did-not-reboot',
  'download-failed',
  'apply-failed',
  'rolled-back',
  'device-failed',
  'not-provable',
  'interrupted',
  /** It stayed offline until the time at which the request was no longer to be delivered. */
  'not-delivered',
  /** The campaign stopped before this device was asked. */
  'stopped',
  /** Its owner or a program on it took the request back before it had an effect: the device's own word. */
  'cancelled-on-device',
  /** Somebody has written to the twin after the person had looked at it: nothing was overwritten. */
  'changed-meanwhile',
  /** The journal has kept nothing that could be restored. */
  'no-snapshot',
  /** Asked what a factory reset would do, it said that it would lose its identity, of which nobody had been warned. */
  'would-not-return',
  /** When its turn came, the device was already as it was to become; nothing was sent. */
  'already-done',
])
export type ReasonCode = z.infer<typeof ReasonCode>

export const Reason = z.object({
  code: ReasonCode,
  /** The device's or the hub's own words: hostile text, shown as text. For a fault, its words in English. */
  detail: z.string().max(1024).optional(),
  /** Which of `faults` it was, and what goes into its words. */
  fault: z.string().max(64).optional(),
  values: FaultValues.optional(),
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
  /** The new system reports the reset under the same action id; `kept` is what it kept, in its own words. */
  z.object({
    kind: z.literal('reset'),
    kept: z.array(z.string().max(128)).max(64),
    endedAt: z.string().optional(),
    readAt: Instant,
  }),
  /** The version that the device says it runs now, reported under the same action id or freshly. */
  z.object({
    kind: z.literal('firmware'),
    versionBefore: z.string().optional(),
    versionAfter: z.string(),
    readAt: Instant,
  }),
  /** The device's own word that it is done, another one than before it was asked, where a family says no more. */
  z.object({
    kind: z.literal('status'),
    status: z.string().max(128),
    /** When the device wrote it, in its own words. */
    at: z.string().max(1024).optional(),
    readAt: Instant,
  }),
  /** A start time that the device's system counted itself, another one than before (Windows IoT). */
  z.object({
    kind: z.literal('boot-time'),
    before: z.string().optional(),
    after: z.string(),
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
  /** How far the device says it is in its phase. */
  percent: z.number().int().min(0).max(100).optional(),
  reason: Reason.optional(),
  evidence: Evidence.optional(),
  /** Which wave the device belongs to, from 1; absent where everything is one wave. */
  wave: z.number().int().positive().optional(),
  sentAt: Instant.optional(),
  changedAt: Instant,
})
export type Target = z.infer<typeof Target>

export const TargetCounts = z.record(TargetStatus, z.number().int().nonnegative())
export type TargetCounts = z.infer<typeof TargetCounts>

/** What changed among the targets of one action; the first value is a reset with all of them. */
export const TargetsChange = z.object({ isReset: z.boolean(), targets: z.array(Target) })
export type TargetsChange = z.infer<typeof TargetsChange>
