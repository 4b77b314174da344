import { z } from 'zod'
import { Instant, TagPath } from './ids.ts'

const share = z.number().min(0).max(1)
/** A time of day on the device's own wall, `HH:MM`. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** How many devices one wave has; a percentage is of all targets, rounded up. */
export const WaveSize = z.discriminatedUnion('unit', [
  z.object({ unit: z.literal('devices'), count: z.number().int().min(1).max(1_000_000) }),
  z.object({ unit: z.literal('percent'), percent: z.number().gt(0).max(100) }),
])
export type WaveSize = z.infer<typeof WaveSize>

/** What has to be true before the next wave is sent. All that is given must hold. */
export const Gate = z.object({
  /** At least this share of the devices that were asked so far has succeeded, once all of them are settled. */
  successShare: share.optional(),
  /** How long after the wave has settled nothing is sent, so that what goes wrong later is seen. Milliseconds. */
  soakMs: z
    .number()
    .int()
    .min(0)
    .max(7 * 86_400_000),
  /** A person has looked, and approves. */
  needsApproval: z.boolean(),
})
export type Gate = z.infer<typeof Gate>

/** When too much goes wrong, nothing more is sent. */
export const AbortRule = z.object({
  /** More than this share of the finished devices has failed or is unknown. */
  failureShare: share,
  /** How many must have finished before the share means anything. */
  leastFinished: z.number().int().min(1).max(1_000_000),
})
export type AbortRule = z.infer<typeof AbortRule>

/** When a device may be worked on, by its own clock: `from` after `to` spans midnight. */
export const MaintenanceWindow = z.object({
  from: timeOfDay,
  to: timeOfDay,
  /** Days on which the window opens, 0 is Sunday. */
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  /** The tag that holds the device's time zone as an IANA name, such as `site.timeZone`. */
  timeZoneTag: TagPath,
  /** For devices without that tag. */
  timeZone: z.string().min(1).max(64),
})
export type MaintenanceWindow = z.infer<typeof MaintenanceWindow>

/** What becomes of a device that is not connected when its turn comes. */
export const OfflinePolicy = z.discriminatedUnion('mode', [
  /** It is left out: cancelled, with the reason. */
  z.object({ mode: z.literal('skip') }),
  z.object({ mode: z.literal('fail') }),
  /** It is asked when it is back, and never after `deliverBy`; whether it still makes sense is looked at again then. */
  z.object({ mode: z.literal('wait'), deliverBy: Instant }),
])
export type OfflinePolicy = z.infer<typeof OfflinePolicy>

/** How an action goes about its targets. */
export const Policy = z.object({
  /** The last size repeats until every device was asked; a canary is a first wave of one device. Empty: all at once. */
  waves: z.array(WaveSize).max(20),
  gate: Gate,
  abort: AbortRule.optional(),
  /** At most so many devices a minute, below what the hub allows. */
  mostPerMinute: z.number().int().min(1).max(1_000_000).optional(),
  /** The blast radius: an action over more devices than this is refused. */
  mostDevices: z.number().int().min(1).max(1_000_000).optional(),
  window: MaintenanceWindow.optional(),
  offline: OfflinePolicy,
})
export type Policy = z.infer<typeof Policy>

/** What a running campaign is waiting for. */
export const Hold = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paused'), by: z.string() }),
  /** The app had ended in the middle: nothing more is sent until a person resumes. */
  z.object({ kind: z.literal('interrupted') }),
  /** The hub refuses the credential, or the journal cannot be written: see the action's `problem`, then resume. */
  z.object({ kind: z.literal('halted') }),
  /** The wave has settled; a person has to approve the next one. */
  z.object({ kind: z.literal('approval') }),
  z.object({ kind: z.literal('soaking'), until: Instant }),
  /** Too few of the wave have succeeded: approve to go on all the same, or cancel. */
  z.object({ kind: z.literal('gate'), share, needed: share }),
  /** The hub's job begins then. */
  z.object({ kind: z.literal('scheduled'), startAt: Instant }),
  /** Nobody's maintenance window is open; it opens at its own time in each of the time zones. */
  z.object({
    kind: z.literal('window'),
    opensAt: Instant,
    devices: z.number().int(),
    zones: z.number().int(),
  }),
  /** Everybody else is done; these are offline, until then. */
  z.object({ kind: z.literal('offline'), devices: z.number().int(), until: Instant }),
  /** The hub asked everybody to wait. */
  z.object({ kind: z.literal('throttled'), until: Instant }),
  /** The hub cannot be reached; it is tried again then, and nobody fails. */
  z.object({ kind: z.literal('unreachable'), until: Instant }),
])
export type Hold = z.infer<typeof Hold>

/** Where a campaign stands. */
export const WaveProgress = z.object({
  /** The wave that is being sent, from 1. */
  wave: z.number().int().positive(),
  waves: z.number().int().positive(),
  /** How many devices the wave has. */
  devices: z.number().int(),
})
export type WaveProgress = z.infer<typeof WaveProgress>
