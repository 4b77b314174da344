import { answerStatus, tutorialAnswer, type AnswerBody } from '../../contract/device/answer.ts'
import { accept, type AcceptedAction, type AgentState } from './agent-state.ts'
import { parametersOf, type RebootRequest } from './reboot-request.ts'

/** The status and the body with which a direct method is answered. */
export interface MethodAnswer {
  readonly status: number
  readonly payload: AnswerBody | string
}

/** What to answer; `next`, where there is one, must be durable before the answer leaves. */
export interface Decision {
  readonly answer: MethodAnswer
  readonly next?: AgentState
}

export interface Surroundings {
  readonly now: number
  readonly bootId: string
  /** Why this machine cannot reboot by itself, if so. */
  readonly refusal: string | undefined
  /** Why nothing destructive may begin now, if so. */
  readonly locked: string | undefined
  /** Used for a caller that names no action. */
  readonly newActionId: () => string
}

type Wanted = Pick<AcceptedAction, 'actionId' | 'parameters' | 'notAfter' | 'reason'> & {
  readonly delayMs: number
  readonly answer: MethodAnswer
}

/** The decision table for an incoming `reboot`: the first rule that fits answers. */
export function decideReboot(state: AgentState, request: RebootRequest, around: Surroundings): Decision {
  if (request.kind === 'invalid') {
    return refuse(answerStatus.invalid, request.actionId, request.reason)
  }
  const wanted = toWanted(request, around)
  return (
    answerKnown(state, wanted) ??
    answerUnsupported(wanted, around) ??
    answerBusy(state) ??
    answerExpired(wanted, around) ??
    answerLocked(wanted, around) ??
    acceptNew(state, wanted, around)
  )
}

function toWanted(request: Exclude<RebootRequest, { kind: 'invalid' }>, around: Surroundings): Wanted {
  if (request.kind === 'tutorial') {
    // Its back end prints the answer, and compares the text: it sees the device that it always knew.
    const answer = { status: answerStatus.alreadyDone, payload: tutorialAnswer }
    return { actionId: around.newActionId(), parameters: 'tutorial', delayMs: 0, answer }
  }
  const { actionId, notAfter, delaySeconds, reason } = request.payload
  return {
    actionId,
    parameters: parametersOf(request.payload),
    notAfter: Date.parse(notAfter),
    ...(reason === undefined ? {} : { reason }),
    delayMs: Math.round((delaySeconds ?? 0) * 1000),
    answer: { status: answerStatus.accepted, payload: { actionId, state: 'accepted' } },
  }
}

function answerKnown(state: AgentState, wanted: Wanted): Decision | undefined {
  const known = [state.running, ...state.finished].find((action) => action?.actionId === wanted.actionId)
  if (known === undefined) return undefined
  if (known.parameters !== wanted.parameters) {
    return refuse(answerStatus.conflict, wanted.actionId, 'this action id was used with other parameters')
  }
  const { actionId } = known
  if ('state' in known) {
    return { answer: { status: answerStatus.accepted, payload: { actionId, state: known.state } } }
  }
  const payload = { actionId, state: known.status, ...(known.error && { reason: known.error.message }) }
  return { answer: { status: answerStatus.alreadyDone, payload } }
}

function answerUnsupported(wanted: Wanted, { refusal }: Surroundings): Decision | undefined {
  return refusal === undefined ? undefined : refuse(answerStatus.unsupported, wanted.actionId, refusal)
}

function answerBusy({ running }: AgentState): Decision | undefined {
  if (running === undefined) return undefined
  const payload = { actionId: running.actionId, state: running.state, reason: 'another action is running' }
  return { answer: { status: answerStatus.conflict, payload } }
}

function answerExpired(wanted: Wanted, { now }: Surroundings): Decision | undefined {
  if (wanted.notAfter === undefined || now + wanted.delayMs <= wanted.notAfter) return undefined
  const clock = new Date(now).toISOString()
  return refuse(answerStatus.expired, wanted.actionId, `too late: by this device's clock it is ${clock}`)
}

function answerLocked(wanted: Wanted, { locked }: Surroundings): Decision | undefined {
  if (locked === undefined) return undefined
  return refuse(answerStatus.locked, wanted.actionId, `locked by the device: ${locked}`)
}

function acceptNew(state: AgentState, wanted: Wanted, around: Surroundings): Decision {
  const { answer, delayMs, ...request } = wanted
  const next = accept(state, {
    ...request,
    kind: 'reboot',
    state: 'accepted',
    bootIdBefore: around.bootId,
    acceptedAt: around.now,
    dueAt: around.now + delayMs,
  })
  return { answer, next }
}

function refuse(status: number, actionId: string | undefined, reason: string): Decision {
  return {
    answer: { status, payload: { ...(actionId !== undefined && { actionId }), state: 'refused', reason } },
  }
}
