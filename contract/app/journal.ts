import { z } from 'zod'
import { ActionId, DeviceId, HubId, Instant } from './ids.ts'
import { ActionKind } from './parameters.ts'
import { Problem } from './problem.ts'
import { Evidence, Reason } from './target.ts'

/** What a record says beside what happened: facts, so that each language has its own words for them. */
const JournalDetail = z.object({
  /** What was asked for, or kept, as somebody wrote it: hostile text. */
  quote: z.string().max(1024).optional(),
  /** What the fleet was narrowed down to when it was asked for: what somebody typed. */
  query: z.string().max(1024).optional(),
  /** How many devices of an action or a job, and the first of them. */
  devices: z.object({ count: z.number().int(), first: z.array(DeviceId).max(20) }).optional(),
  reason: Reason.optional(),
  /** Of a long answer, the beginning. */
  evidence: Evidence.optional(),
  wave: z.number().int().positive().optional(),
  /** What the abort rule counted. */
  stop: z.object({ finished: z.number().int(), failed: z.number().int() }).optional(),
  /** Why sending was halted. */
  problem: Problem.optional(),
})

/** One record of the journal, as a line that a person reads. */
export const JournalEntry = z.object({
  /** Its place in the journal, from 1. */
  number: z.number().int().positive(),
  at: Instant,
  actionId: ActionId,
  kind: ActionKind,
  hubId: HubId,
  hubName: z.string(),
  /** The operating system's user, for what a person did. */
  by: z.string().optional(),
  /** What happened: `action`, or what happened to one device or to the campaign, in the journal's own words. */
  event: z.string(),
  deviceId: DeviceId.optional(),
  detail: JournalDetail,
})
export type JournalEntry = z.infer<typeof JournalEntry>

export const JournalPageRequest = z.object({
  /** Entries older than this number; the newest when left out. */
  before: z.number().int().positive().optional(),
  limit: z.number().int().min(1).max(1000),
  hubId: HubId.optional(),
  actionId: ActionId.optional(),
  deviceId: DeviceId.optional(),
})
export type JournalPageRequest = z.infer<typeof JournalPageRequest>

/** The newest first. */
export const JournalPage = z.object({ entries: z.array(JournalEntry), total: z.number().int() })
export type JournalPage = z.infer<typeof JournalPage>

/** Whether the chain of the journal is whole, from its first record to its last. */
export const JournalCheck = z.discriminatedUnion('isWhole', [
  z.object({ isWhole: z.literal(true), records: z.number().int(), head: z.string() }),
  z.object({ isWhole: z.literal(false), firstWrong: z.number().int(), problem: Problem }),
])
export type JournalCheck = z.infer<typeof JournalCheck>

export const ExportFormat = z.enum(['csv', 'json'])
export type ExportFormat = z.infer<typeof ExportFormat>

/** Where a file was saved, or that the person changed their mind. */
export const Saved = z.discriminatedUnion('isSaved', [
  z.object({ isSaved: z.literal(true), fileName: z.string() }),
  z.object({ isSaved: z.literal(false) }),
])
export type Saved = z.infer<typeof Saved>
