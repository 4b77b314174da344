import { answerStatus } from '../contract/device/answer.ts'
import { methodNames } from '../contract/device/method.ts'
import type { Action } from './actions/action.ts'
import { decideCancel } from './domain/cancel-decision.ts'
import {
  decideCall,
  lockedMessage,
  refuse,
  type Decision,
  type ImmediateCall,
  type MethodAnswer,
} from './domain/method-decision.ts'
import type { AgentState, RunningAction } from './domain/agent-state.ts'
import type { Ledger } from './ledger.ts'
import { moment, type Clock } from './ports/clock.ts'
import type { MethodHandler } from './ports/hub-connection.ts'
import type { Log } from './ports/log.ts'
import type { UpdateLock } from './update-lock.ts'

export interface HandlerParts {
  readonly actions: ReadonlyMap<string, Action>
  readonly ledger: Ledger
  readonly bootId: string
  readonly clock: Clock
  readonly log: Log
  readonly lock: UpdateLock
  readonly newActionId: () => string
  /** Called with an action whose acceptance is durable. */
  readonly start: (action: RunningAction) => void
  /** Called with the id of an action whose cancellation is durable. */
  readonly stop: (actionId: string) => void
}

/** The direct methods of this device: one for each action, and the one that cancels. */
export function methodHandlers(parts: HandlerParts): ReadonlyMap<string, MethodHandler> {
  const actions = [...parts.actions.values()].map((action): [string, MethodHandler] => [
    action.name,
    (payload) => answerCall(parts, action, payload),
  ])
  return new Map([...actions, [methodNames.cancelAction, (payload) => answerCancel(parts, payload)]])
}

/** The record is durable before the answer is known to anyone. */
async function answerCall(parts: HandlerParts, action: Action, payload: unknown): Promise<MethodAnswer> {
  const { bootId, lock, newActionId, clock } = parts
  const call = action.read(payload)
  const locked = action.isDestructive ? await lock.current() : undefined
  if (call.kind === 'immediate') return answerAtOnce(action, call, locked)
  const instead = call.kind === 'wanted' ? await action.admit(call.request, call.actionId) : undefined
  const { answer, next } = await decide(parts, action.name, (state) =>
    decideCall(state, call, {
      ...moment(clock),
      ...{ bootId, locked, instead, newActionId, method: action.name, refusal: action.refusal() },
    }),
  )
  if (next?.running !== undefined) parts.start(next.running)
  return answer
}

async function answerAtOnce(
  action: Action,
  call: ImmediateCall,
  locked: string | undefined,
): Promise<MethodAnswer> {
  const refusal = action.refusal()
  if (refusal !== undefined) return refuse(answerStatus.unsupported, undefined, refusal).answer
  return locked === undefined
    ? call.perform()
    : refuse(answerStatus.locked, undefined, lockedMessage(locked)).answer
}

async function answerCancel(parts: HandlerParts, payload: unknown): Promise<MethodAnswer> {
  const { actions, bootId, clock } = parts
  const whyNot = (action: RunningAction) => actions.get(action.kind)?.whyNotCancel(action) ?? undefined
  const { answer, next } = await decide(parts, methodNames.cancelAction, (state) =>
    decideCancel(state, { payload, whyNot, bootId, now: clock.now() }),
  )
  const over = next?.finished.at(-1)
  if (over !== undefined) parts.stop(over.actionId)
  return answer
}

async function decide(
  { ledger, log }: HandlerParts,
  method: string,
  decision: (state: AgentState) => Decision,
): Promise<Decision> {
  try {
    const decided = await ledger.change(decision)
    log('answered', { method, status: decided.answer.status, accepted: decided.next !== undefined })
    return decided
  } catch (error) {
    log('not-stored', { problem: error instanceof Error ? error.message : String(error) })
    const reason = 'the device cannot store the request; nothing was done'
    return { answer: { status: answerStatus.locked, payload: { state: 'refused', reason } } }
  }
}
