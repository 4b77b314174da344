import { answerStatus, AnswerBody, type AnswerState } from '../../contract/device/answer.ts'
import type { ArmedAnswer } from '../../contract/device/factory-reset.ts'
import { accept, stateOf, type AgentState, type Json, type RunningAction } from './agent-state.ts'
import { isExpired, validForMs, type Moment } from './validity.ts'

/** The status and the body with which a direct method is answered. */
export interface MethodAnswer {
  readonly status: number
  readonly payload: AnswerBody | ArmedAnswer | string | Readonly<Record<string, Json>>
}

/** What a call asks for. Without an id it comes from a back end that knows none. */
export interface WantedAction<Request> {
  readonly kind: 'wanted'
  readonly actionId?: string
  /** The comparable text of what is asked for. `notAfter` is not part of it: it says until when, not what. */
  readonly parameters: string
  readonly request: Request
  /** Milliseconds since 1970, by the clock of the caller. */
  readonly notAfter?: number
  readonly issuedAt?: number
  readonly delayMs?: number
  /** Instead of the usual answer to an accepted action. */
  readonly answer?: MethodAnswer
}

export interface InvalidCall {
  readonly kind: 'invalid'
  readonly actionId?: string | undefined
  readonly reason: string
}

/** A call without an id that is answered when it is done, and leaves no record. */
export interface ImmediateCall {
  readonly kind: 'immediate'
  readonly perform: () => Promise<MethodAnswer>
}

/** A call that becomes an action, or is refused. */
export type ActionCall<Request> = WantedAction<Request> | InvalidCall

export type MethodCall<Request> = ActionCall<Request> | ImmediateCall

/** What to answer; `next`, where there is one, must be durable before the answer leaves. */
export interface Decision {
  readonly answer: MethodAnswer
  readonly next?: AgentState
}

export interface Surroundings extends Moment {
  readonly bootId: string
  readonly method: string
  /** Why this machine cannot do it, if so. */
  readonly refusal: string | undefined
  /** Why nothing destructive may begin now, if so. */
  readonly locked: string | undefined
  /** What the action itself answers instead of beginning, if so. */
  readonly instead: MethodAnswer | undefined
  /** Used for a caller that names no action. */
  readonly newActionId: () => string
}

type Wanted = WantedAction<Json> & { readonly actionId: string; readonly delayMs: number }

/** The decision table for the call of an action: the first rule that fits answers. */
export function decideCall(state: AgentState, call: ActionCall<Json>, around: Surroundings): Decision {
  if (call.kind === 'invalid') return refuse(answerStatus.invalid, call.actionId, call.reason)
  const wanted = { ...call, actionId: call.actionId ?? around.newActionId(), delayMs: call.delayMs ?? 0 }
  for (const rule of rules) {
    const decision = rule(state, wanted, around)
    if (decision !== undefined) return decision
  }
  return acceptNew(state, wanted, around)
}

type Rule = (state: AgentState, wanted: Wanted, around: Surroundings) => Decision | undefined

const rules: readonly Rule[] = [
  answerKnown,
  answerUnsupported,
  answerBusy,
  answerExpired,
  answerLocked,
  (_state, _wanted, { instead }) => instead && { answer: instead },
]

function answerKnown(state: AgentState, wanted: Wanted, { method }: Surroundings): Decision | undefined {
  const { actionId } = wanted
  const known = [state.running, ...state.finished].find((action) => action?.actionId === actionId)
  if (known === undefined) return undefined
  if (known.kind !== method || known.parameters !== wanted.parameters) {
    return refuse(answerStatus.conflict, actionId, 'this action id was used with other parameters')
  }
  if (!('status' in known)) {
    return { answer: { status: answerStatus.accepted, payload: { actionId, state: wordFor(known) } } }
  }
  const payload = { actionId, state: known.status, ...(known.error && { reason: known.error.message }) }
  return { answer: { status: answerStatus.alreadyDone, payload } }
}

/** The protocol's word for where an action stands; one that an action made up is shown as what all have in common. */
export function wordFor(action: RunningAction): AnswerState {
  return AnswerBody.shape.state.safeParse(stateOf(action)).data ?? 'running'
}

function answerUnsupported(_: AgentState, wanted: Wanted, { refusal }: Surroundings): Decision | undefined {
  return refusal === undefined ? undefined : refuse(answerStatus.unsupported, wanted.actionId, refusal)
}

function answerBusy({ running }: AgentState): Decision | undefined {
  if (running === undefined) return undefined
  const { actionId } = running
  const payload = { actionId, state: wordFor(running), reason: 'another action is running' }
  return { answer: { status: answerStatus.conflict, payload } }
}

function answerExpired(_: AgentState, wanted: Wanted, around: Surroundings): Decision | undefined {
  if (!isExpired(wanted, around)) return undefined
  const clock = new Date(around.now).toISOString()
  return refuse(answerStatus.expired, wanted.actionId, `too late: by this device's clock it is ${clock}`)
}

function answerLocked(_: AgentState, wanted: Wanted, { locked }: Surroundings): Decision | undefined {
  if (locked === undefined) return undefined
  return refuse(answerStatus.locked, wanted.actionId, lockedMessage(locked))
}

export function lockedMessage(reason: string): string {
  return `locked by the device: ${reason}`
}

function acceptNew(state: AgentState, wanted: Wanted, around: Surroundings): Decision {
  const { actionId, parameters, request, notAfter, delayMs } = wanted
  const limit = validForMs(wanted, around)
  const next = accept(state, {
    ...{ actionId, kind: around.method, parameters, request, delayMs },
    ...{ bootIdBefore: around.bootId, acceptedAt: around.now, acceptedUptime: around.uptime },
    ...(notAfter !== undefined && { notAfter }),
    ...(limit !== undefined && { validForMs: limit }),
  })
  const usual = { status: answerStatus.accepted, payload: { actionId, state: 'accepted' as const } }
  return { answer: wanted.answer ?? usual, next }
}

export function refuse(status: number, actionId: string | undefined, reason: string): Decision {
  return {
    answer: { status, payload: { ...(actionId !== undefined && { actionId }), state: 'refused', reason } },
  }
}
