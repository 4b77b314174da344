import type { RunningAction } from './agent-state.ts'

/** The clocks of the machine at one moment. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly isSynced: boolean
  /** Milliseconds since the start of the machine. */
  readonly uptime: number
}

/** No hub keeps a method longer than this for a device, so no call is older when it arrives. */
const longestDeliveryMs = 300_000

export interface Term {
  readonly notAfter?: number | undefined
  readonly issuedAt?: number | undefined
  readonly delayMs: number
}

/** How long from now on an action may begin: by the wall clock where it can be believed, otherwise by the caller's. */
export function validForMs({ notAfter, issuedAt, delayMs }: Term, at: Moment): number | undefined {
  if (notAfter === undefined) return undefined
  if (at.isSynced) return Math.max(notAfter - at.now, 0)
  return issuedAt === undefined ? delayMs + longestDeliveryMs : Math.max(notAfter - issuedAt, 0)
}

/** Whether a call comes too late, or its delay would end too late. */
export function isExpired(term: Term, at: Moment): boolean {
  if (term.notAfter === undefined) return false
  if (at.isSynced) return at.now + term.delayMs > term.notAfter
  return term.delayMs > (validForMs(term, at) ?? Infinity)
}

/** The message of an action whose time was over before it began. */
export const tooLate = 'the time until which the action was wanted was over before it began'

/**
 * Whether it is too late to begin an accepted action of this boot. The time since its acceptance counts as well as
 * the wall clock: one that was set back gives nobody more time.
 */
export function isTooLate(action: RunningAction, at: Moment): boolean {
  const { notAfter, validForMs: limit, acceptedUptime } = action
  const isPast = notAfter !== undefined && at.isSynced && at.now > notAfter
  return isPast || (limit !== undefined && at.uptime - acceptedUptime > limit)
}

/** What is left of `lengthMs` that began at `since`; never more than all of it, whatever happened to the clock. */
export function remainingMs(lengthMs: number, since: number, uptime: number): number {
  return Math.min(Math.max(lengthMs - (uptime - since), 0), lengthMs)
}
