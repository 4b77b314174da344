import { finish, type AgentState, type Outcome, type RunningAction } from './agent-state.ts'
import { isTooLate, tooLate, type Moment } from './validity.ts'

/** What the agent does with the record that it finds when it starts. */
export type BootDecision =
  | { readonly kind: 'nothing'; readonly next: AgentState }
  | { readonly kind: 'carry-on'; readonly next: AgentState; readonly action: RunningAction }
  | { readonly kind: 'finished'; readonly next: AgentState }

/** The boot id where the system tells none: it proves nothing, and is never another one. */
export const unknownBootId = 'unknown'

export interface Start extends Moment {
  readonly bootId: string
}

/** What the agent knows of a kind of action. */
export interface KindAtStart {
  /** Whether an action that has not begun outlives a restart that nobody asked for. */
  readonly survivesRestart: boolean
  /** The end of an action that has begun, where the start itself proves it. */
  judge(action: RunningAction, start: Start): Outcome | undefined
}

export interface Judging {
  readonly start: Start
  /** Undefined for an action of a kind that is gone: its program was removed. */
  readonly kindOf: (name: string) => KindAtStart | undefined
}

/**
 * Judges by the boot id alone, never by clocks: it changes with every start of the machine, and with nothing else.
 * A start that no action had ordered is counted, and never credited to one.
 */
export function decideAtStart(found: AgentState, { start, kindOf }: Judging): BootDecision {
  const state = countReboot(found, start.bootId)
  const { running } = state
  if (running === undefined) return { kind: 'nothing', next: state }
  const outcome = outcomeOf(running, start, kindOf(running.kind))
  if (outcome === undefined) return { kind: 'carry-on', next: state, action: running }
  const { now, bootId } = start
  return { kind: 'finished', next: finish(state, running, { ...outcome, now, bootId }) }
}

function countReboot(state: AgentState, bootId: string): AgentState {
  const { lastBootId, running, unexpectedReboots } = state
  if (bootId === unknownBootId || lastBootId === bootId) return state
  const isExpected = lastBootId === undefined || running?.step?.state === 'rebooting'
  return { ...state, lastBootId: bootId, unexpectedReboots: unexpectedReboots + (isExpected ? 0 : 1) }
}

function outcomeOf(action: RunningAction, start: Start, kind: KindAtStart | undefined): Outcome | undefined {
  if (kind === undefined) return interrupted('this agent does not know the action any more')
  if (action.step !== undefined) return kind.judge(action, start)
  if (action.bootIdBefore !== start.bootId) {
    return kind.survivesRestart ? undefined : interrupted('the machine restarted by itself first')
  }
  return isTooLate(action, start) ? interrupted(tooLate) : undefined
}

export function interrupted(message: string): Outcome {
  return { status: 'failed', error: { code: 'interrupted', message } }
}
