import { connectionRecord } from '../adapters/connection-record.ts'
import { isFolderLocked } from '../adapters/folder-lock.ts'
import { readRecord } from '../adapters/state-file.ts'
import {
  emptyState,
  stateOf,
  type AgentState,
  type FinishedAction,
  type RunningAction,
} from '../domain/agent-state.ts'
import type { AgentOptions } from '../options.ts'
import type { Log } from '../ports/log.ts'

const shownResults = 5

export interface Look {
  readonly isRunning: boolean
  /** Undefined before the first start. */
  readonly state: AgentState | undefined
  /** Why destructive actions are refused, if they are. */
  readonly locked: string | undefined
  /** What keeps the device from its hub and no other try will mend, if something does. */
  readonly blocked?: string | undefined
}

/** Reads what `describeStatus` shows; the hub is not asked. */
export async function look(
  { stateFolder }: AgentOptions,
  lockedOnDevice: string | undefined,
  log: Log,
): Promise<Look> {
  const state = await readRecord(stateFolder, log)
  const locked = lockedOnDevice ?? state?.desiredLock
  const { clockBlocksSince } = (await connectionRecord(stateFolder)).known
  const blocked = clockBlocksSince === undefined ? undefined : blockedByClock(Date.now())
  return { isRunning: isFolderLocked(stateFolder), state, locked, blocked }
}

function blockedByClock(now: number): string {
  return `by the clock of this machine (${instant(now)}) the certificate of the hub is not valid: set it, as by timedatectl`
}

/** What is under way and the last results, as lines for a person. The record holds no secret. */
export function describeStatus({ isRunning, state = emptyState, locked, blocked }: Look): string[] {
  const { running, unreported, unexpectedReboots } = state
  const finished = state.finished.slice(-shownResults).reverse()
  return [
    `agent         ${isRunning ? 'running' : 'not running'}`,
    ...(blocked === undefined ? [] : [`hub           not reached: ${blocked}`]),
    ...(locked === undefined ? [] : [`update lock   ${locked}`]),
    `under way     ${running === undefined ? 'nothing' : describeRunning(running)}`,
    ...unreported.map((id) => `not reported  ${id}, until the hub has taken it`),
    ...(unexpectedReboots === 0 ? [] : [`restarts      ${unexpectedReboots} that no action asked for`]),
    finished.length === 0 ? 'last results  none' : 'last results',
    ...finished.map((action) => `  ${describeFinished(action)}`),
  ]
}

function describeRunning(action: RunningAction): string {
  const { kind, actionId, acceptedAt, delayMs, startedAt } = action
  return startedAt === undefined
    ? `${kind} ${actionId}, accepted, begins at ${instant(acceptedAt + delayMs)}`
    : `${kind} ${actionId}, ${stateOf(action)}, begun at ${instant(startedAt)}`
}

function describeFinished(action: FinishedAction): string {
  const { endedAt, kind, actionId, status, error } = action
  return `${instant(endedAt)}  ${kind} ${actionId}  ${status}${why(action, error)}`
}

function why({ bootIdBefore, bootIdAfter }: FinishedAction, error: FinishedAction['error']): string {
  if (error !== undefined) return `, ${error.code}: ${error.message}`
  return bootIdBefore === bootIdAfter ? '' : `, boot id ${bootIdBefore} -> ${bootIdAfter}`
}

function instant(wallClockMs: number): string {
  return new Date(wallClockMs).toISOString()
}
