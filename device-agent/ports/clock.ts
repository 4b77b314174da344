import type { Moment } from '../domain/validity.ts'

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Whether `now` can be believed: a board without a battery begins in the past until it has asked the network. */
  isSynced(): boolean
  /** Milliseconds since the machine's start. Nobody sets it, and it goes on when the agent is started again. */
  uptime(): number
  /** Rejects when aborted. An infinite sleep ends only so. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
}

export function moment(clock: Clock): Moment {
  return { now: clock.now(), isSynced: clock.isSynced(), uptime: clock.uptime() }
}
