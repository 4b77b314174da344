import { isFolderLocked } from '../adapters/folder-lock.ts'
import { readRecord } from '../adapters/state-file.ts'
import type { AgentState, FinishedAction, RunningAction } from '../domain/agent-state.ts'
import type { AgentOptions } from '../options.ts'
import type { Log } from '../ports/log.ts'

const shownResults = 5

export interface Look {
  readonly isRunning: boolean
  /** Undefined before the first start. */
  readonly state: AgentState | undefined
  /** Why destructive actions are refused, if they are. */
  readonly locked: string | undefined
}

/** Reads what `describeStatus` shows; the hub is not asked. */
export async function look(
  { stateFolder }: AgentOptions,
  locked: string | undefined,
  log: Log,
): Promise<Look> {
  return { isRunning: isFolderLocked(stateFolder), state: await readRecord(stateFolder, log), locked }
}

/** What is under way and the last results, as lines for a person. The record holds no secret. */
export function describeStatus({ isRunning, state, locked }: Look): string[] {
  const finished = state?.finished.slice(-shownResults).reverse() ?? []
  return [
    `agent         ${isRunning ? 'running' : 'not running'}`,
    ...(locked === undefined ? [] : [`update lock   ${locked}`]),
    `under way     ${state?.running === undefined ? 'nothing' : describeRunning(state.running)}`,
    ...(state?.unreported === undefined
      ? []
      : [`not reported  ${state.unreported}, until the hub has taken it`]),
    ...(finished.length === 0 ? ['last results  none'] : ['last results']),
    ...finished.map((action) => `  ${describeFinished(action)}`),
  ]
}

function describeRunning(action: RunningAction): string {
  const { kind, actionId } = action
  return action.state === 'accepted'
    ? `${kind} ${actionId}, accepted, begins at ${instant(action.dueAt)}`
    : `${kind} ${actionId}, rebooting since ${instant(action.startedAt)}, failed if still up at ${instant(action.deadline)}`
}

function describeFinished(action: FinishedAction): string {
  const { endedAt, kind, actionId, status, error, bootIdBefore, bootIdAfter } = action
  const why =
    error === undefined ? `boot id ${bootIdBefore} -> ${bootIdAfter}` : `${error.code}: ${error.message}`
  return `${instant(endedAt)}  ${kind} ${actionId}  ${status}, ${why}`
}

function instant(wallClockMs: number): string {
  return new Date(wallClockMs).toISOString()
}
