import { answerStatus } from '../../contract/device/answer.ts'
import { CancelPayload } from '../../contract/device/method.ts'
import { finish, type AgentState, type RunningAction } from './agent-state.ts'
import { refuse, wordFor, type Decision } from './method-decision.ts'

export interface CancelCall {
  readonly payload: unknown
  readonly now: number
  readonly bootId: string
  /** Why an action that has begun cannot be cancelled any more; undefined when it can. */
  readonly whyNot: (action: RunningAction) => string | undefined
}

/** The decision table for `cancelAction`: only what has had no effect yet is cancelled, and the rest is told why. */
export function decideCancel(state: AgentState, call: CancelCall): Decision {
  const parsed = CancelPayload.safeParse(call.payload)
  if (!parsed.success) {
    return refuse(answerStatus.invalid, undefined, "the payload's actionId is missing or wrong")
  }
  const { actionId } = parsed.data
  const { running } = state
  return running?.actionId === actionId
    ? cancelRunning(state, running, call)
    : answerFinished(state, actionId)
}

function cancelRunning(state: AgentState, running: RunningAction, call: CancelCall): Decision {
  const { actionId } = running
  const reason = running.step === undefined ? undefined : call.whyNot(running)
  if (reason !== undefined) {
    return {
      answer: { status: answerStatus.conflict, payload: { actionId, state: wordFor(running), reason } },
    }
  }
  const { now, bootId } = call
  const next = finish(state, running, { status: 'cancelled', now, bootId })
  return { answer: { status: answerStatus.alreadyDone, payload: { actionId, state: 'cancelled' } }, next }
}

function answerFinished({ finished }: AgentState, actionId: string): Decision {
  const known = finished.find((action) => action.actionId === actionId)
  if (known === undefined)
    return refuse(answerStatus.conflict, actionId, 'no action with this id is known here')
  if (known.status === 'cancelled') {
    return { answer: { status: answerStatus.alreadyDone, payload: { actionId, state: 'cancelled' } } }
  }
  const payload = { actionId, state: known.status, reason: 'it is over already' }
  return { answer: { status: answerStatus.conflict, payload } }
}
