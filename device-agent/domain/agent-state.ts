import { z } from 'zod'
import { deviceErrorCodes } from '../../contract/device/reported.ts'

/** Milliseconds since 1970, by the wall clock of the device. */
const WallClockMs = z.number().int().nonnegative()

const requestFields = {
  actionId: z.string().min(1),
  kind: z.literal('reboot'),
  /** What was asked for, as comparable text: the same id with another text is another request. */
  parameters: z.string(),
  bootIdBefore: z.string(),
  acceptedAt: WallClockMs,
}

/** Said yes, has done nothing yet: the reboot begins at `dueAt`, and not after `notAfter`. */
const AcceptedAction = z.object({
  ...requestFields,
  state: z.literal('accepted'),
  dueAt: WallClockMs,
  notAfter: WallClockMs.optional(),
  reason: z.string().optional(),
})
export type AcceptedAction = z.infer<typeof AcceptedAction>

/** The reboot command is being issued or was: whoever still sees the same boot id at `deadline` did not reboot. */
const RebootingAction = z.object({
  ...requestFields,
  state: z.literal('rebooting'),
  startedAt: WallClockMs,
  deadline: WallClockMs,
})
export type RebootingAction = z.infer<typeof RebootingAction>

export const RunningAction = z.discriminatedUnion('state', [AcceptedAction, RebootingAction])
export type RunningAction = z.infer<typeof RunningAction>

export const FinishedAction = z.object({
  ...requestFields,
  status: z.enum(['completed', 'failed']),
  bootIdAfter: z.string(),
  startedAt: WallClockMs.optional(),
  endedAt: WallClockMs,
  error: z.object({ code: z.enum(deviceErrorCodes), message: z.string() }).optional(),
})
export type FinishedAction = z.infer<typeof FinishedAction>

/** All that the agent must not forget: one record, written as a whole before anyone is told of a change. */
export const AgentState = z.object({
  running: RunningAction.optional(),
  /** The last finished actions, oldest first. */
  finished: z.array(FinishedAction),
  /** The id of the finished action whose report no hub has acknowledged yet. */
  unreported: z.string().optional(),
})
export type AgentState = z.infer<typeof AgentState>

/** So many finished ids are remembered: a request that is delivered again that late is past its `notAfter` anyway. */
export const rememberedActions = 256

export const emptyState: AgentState = { finished: [] }

export function accept(state: AgentState, action: AcceptedAction): AgentState {
  return { ...state, running: action }
}

/** The step before the reboot command: from here on, only another boot id or the deadline ends the action. */
export function begin(
  state: AgentState,
  action: AcceptedAction,
  at: { now: number; deadline: number },
): AgentState {
  const { actionId, kind, parameters, bootIdBefore, acceptedAt } = action
  const request = { actionId, kind, parameters, bootIdBefore, acceptedAt }
  return { ...state, running: { ...request, state: 'rebooting', startedAt: at.now, deadline: at.deadline } }
}

export interface Outcome {
  readonly now: number
  readonly bootId: string
  /** Absent: the reboot is proven. */
  readonly error?: NonNullable<FinishedAction['error']>
}

/** Moves the action to the finished ones and queues its report. A later report replaces one that is still queued. */
export function finish(state: AgentState, action: RunningAction, outcome: Outcome): AgentState {
  const { actionId, kind, parameters, bootIdBefore, acceptedAt } = action
  const entry: FinishedAction = {
    ...{ actionId, kind, parameters, bootIdBefore, acceptedAt },
    status: outcome.error === undefined ? 'completed' : 'failed',
    bootIdAfter: outcome.bootId,
    endedAt: outcome.now,
    ...(action.state === 'rebooting' ? { startedAt: action.startedAt } : {}),
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
  }
  return { finished: [...state.finished, entry].slice(-rememberedActions), unreported: actionId }
}

/** The hub has the report of this action; a newer one that was queued meanwhile stays queued. */
export function acknowledge(state: AgentState, actionId: string): AgentState {
  if (state.unreported !== actionId) return state
  const { unreported: _, ...rest } = state
  return rest
}
