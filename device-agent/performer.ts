import type { Action, ActionContext } from './actions/action.ts'
import { advance, finish, type Outcome, type RunningAction } from './domain/agent-state.ts'
import { interrupted } from './domain/boot-decision.ts'
import { lockedMessage } from './domain/method-decision.ts'
import { isTooLate, remainingMs, tooLate } from './domain/validity.ts'
import type { HubPresence } from './hub-presence.ts'
import { NotDurable, type Ledger } from './ledger.ts'
import { messageOf } from './message-of.ts'
import { moment, type Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { Machine } from './ports/machine.ts'
import type { ProgressBoard } from './progress-board.ts'
import type { AgentSettings } from './settings.ts'
import type { UpdateLock } from './update-lock.ts'

export interface PerformerParts {
  readonly actions: ReadonlyMap<string, Action>
  readonly ledger: Ledger
  readonly machine: Machine
  readonly bootId: string
  readonly clock: Clock
  readonly log: Log
  readonly settings: AgentSettings
  readonly lock: UpdateLock
  readonly board: ProgressBoard
  readonly hub: HubPresence
}

/** Performs the action that was accepted: one at a time, from the step that it had reached. */
export interface Performer {
  /** Resolves when the action is finished, cancelled, or left for the next start. Rejects with `NotDurable`. */
  perform(action: RunningAction): Promise<void>
  /** Stops the work on an action whose cancellation is durable. */
  stop(actionId: string): void
}

/** The reason with which the signal of a cancelled action is aborted. */
export const cancelled = Symbol('cancelled')

/** `life` ends with the agent: what runs then is carried on with at the next start. */
export function newPerformer(parts: PerformerParts, life: AbortSignal): Performer {
  const under = new Map<string, AbortController>()
  life.addEventListener(
    'abort',
    () => {
      for (const controller of under.values()) controller.abort(life.reason)
    },
    { once: true },
  )
  return {
    async perform(action) {
      if (life.aborted) return
      const controller = new AbortController()
      under.set(action.actionId, controller)
      try {
        const outcome = await outcomeOf(parts, action, controller.signal)
        if (outcome !== undefined) await conclude(parts, action, outcome)
      } finally {
        under.delete(action.actionId)
        parts.board.clear(action.actionId)
      }
    },
    stop(actionId) {
      under.get(actionId)?.abort(cancelled)
    },
  }
}

/** Undefined when the action was cancelled, or is left for the next start. */
async function outcomeOf(
  parts: PerformerParts,
  action: RunningAction,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const kind = parts.actions.get(action.kind)
  if (kind === undefined) return interrupted('this agent does not know the action any more')
  try {
    const obstacle = action.step === undefined ? await untilDue(parts, action, signal) : undefined
    return obstacle ?? (await kind.run(action, contextFor(parts, action, signal)))
  } catch (error) {
    if (signal.aborted) return undefined
    if (error instanceof NotDurable) throw error
    parts.log('action-broke', { actionId: action.actionId, problem: messageOf(error) })
    return { status: 'failed', error: { code: 'internal', message: messageOf(error) } }
  }
}

/** Accepted before, but nothing has begun: a lock that was set meanwhile, or the time, still stops it. */
async function untilDue(
  { clock, settings, actions, lock }: PerformerParts,
  action: RunningAction,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const isDestructive = actions.get(action.kind)?.isDestructive === true
  const settleMs = isDestructive ? settings.settleMs : 0
  await clock.sleep(settleMs + remainingMs(action.delayMs, action.acceptedUptime, clock.uptime()), signal)
  if (isTooLate(action, moment(clock))) return interrupted(tooLate)
  const locked = isDestructive ? await lock.known() : undefined
  return locked === undefined ? undefined : interrupted(lockedMessage(locked))
}

function contextFor(
  parts: PerformerParts,
  { actionId, kind }: RunningAction,
  signal: AbortSignal,
): ActionContext {
  const { bootId, machine, clock, log, settings, hub, ledger, board, lock } = parts
  return {
    ...{ bootId, machine, clock, log, settings, hub, signal },
    memory: ledger.state.memory[kind],
    async advance(step) {
      await ledger.change((state) => {
        if (state.running?.actionId !== actionId) throw new Error('the action is over')
        return { next: advance(state, state.running, { step, now: clock.now() }) }
      })
      log('step', { actionId, kind, state: step.state })
      // What is done from here on must not be done by an agent that is ending.
      signal.throwIfAborted()
    },
    show: (fields) => {
      board.show(actionId, fields)
    },
    lockedBy: () => lock.known(),
  }
}

async function conclude(parts: PerformerParts, action: RunningAction, outcome: Outcome): Promise<void> {
  const { ledger, clock, bootId, log } = parts
  await ledger.change((state) => {
    const { running } = state
    if (running?.actionId !== action.actionId) return {}
    log('finished', { actionId: action.actionId, status: outcome.status, code: outcome.error?.code ?? '' })
    return { next: finish(state, running, { ...short(outcome), now: clock.now(), bootId }) }
  })
}

/** Whatever an action says of its failure fits into a report. */
function short(outcome: Outcome): Outcome {
  const { error } = outcome
  return error === undefined
    ? outcome
    : { ...outcome, error: { ...error, message: messageOf(error.message) } }
}
