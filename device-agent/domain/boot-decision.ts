import {
  finish,
  type AcceptedAction,
  type AgentState,
  type RebootingAction,
  type RunningAction,
} from './agent-state.ts'

/** What the agent does with the record that it finds when it starts. */
export type BootDecision =
  | { readonly kind: 'nothing' }
  /** The command was not issued yet, and the machine is still the same: the promise stands. */
  | { readonly kind: 'carry-on'; readonly action: AcceptedAction }
  /** The command may have been issued: the reboot comes before the deadline, or did not happen. */
  | { readonly kind: 'wait'; readonly action: RebootingAction }
  | { readonly kind: 'finished'; readonly next: AgentState }

export interface Start {
  readonly now: number
  readonly bootId: string
}

/**
 * Judges by the boot id alone, never by clocks: it changes with every start of the machine, and with nothing else.
 * A start that no reboot command came before is never credited to an action.
 */
export function decideAtStart(state: AgentState, start: Start): BootDecision {
  const { running } = state
  if (running === undefined) return { kind: 'nothing' }
  const isSameBoot = running.bootIdBefore === start.bootId
  if (running.state === 'rebooting') {
    return isSameBoot
      ? { kind: 'wait', action: running }
      : { kind: 'finished', next: finish(state, running, start) }
  }
  if (!isSameBoot)
    return interrupted(state, running, { start, message: 'the machine restarted by itself first' })
  if (isTooLate(running, start.now)) return interrupted(state, running, { start, message: tooLate })
  return { kind: 'carry-on', action: running }
}

/** The message of an action whose time was over before its reboot began. */
export const tooLate = 'the time until which the reboot was wanted was over before it began'

export function isTooLate(action: AcceptedAction, now: number): boolean {
  return action.notAfter !== undefined && now > action.notAfter
}

function interrupted(
  state: AgentState,
  running: RunningAction,
  why: { start: Start; message: string },
): BootDecision {
  const error = { code: 'interrupted', message: why.message } as const
  return { kind: 'finished', next: finish(state, running, { ...why.start, error }) }
}
