import { z } from 'zod'
import type { deviceErrorCodes } from '../../contract/device/reported.ts'

/** Milliseconds since 1970, by the wall clock of the device. */
const WallClockMs = z.number().int().nonnegative()

export type Json = z.infer<typeof Json>
export const Json = z.json()
const JsonObject = z.record(z.string(), Json)
export type JsonObject = Readonly<Record<string, Json>>

const identity = {
  actionId: z.string().min(1),
  /** The name of the direct method. */
  kind: z.string().min(1),
  /** What was asked for, as comparable text: the same id with another text is another request. */
  parameters: z.string(),
  bootIdBefore: z.string(),
  acceptedAt: WallClockMs,
}

/** Said yes to. Without a step it has done nothing yet, and begins when its delay is over. */
export const RunningAction = z.object({
  ...identity,
  /** When it was accepted by the time since the machine's start, which nobody sets. */
  acceptedUptime: z.number().nonnegative(),
  delayMs: z.number().nonnegative(),
  notAfter: WallClockMs.optional(),
  /** How long after its acceptance it may begin, whatever the wall clock says by then. */
  validForMs: z.number().nonnegative().optional(),
  /** What the action itself keeps of the request. */
  request: Json,
  startedAt: WallClockMs.optional(),
  /** The last step that it made durable. */
  step: z.object({ state: z.string() }).catchall(Json).optional(),
})
export type RunningAction = z.infer<typeof RunningAction>

const ActionError = z.object({ code: z.string(), message: z.string() })
export interface ActionError {
  readonly code: (typeof deviceErrorCodes)[number] | (string & {})
  readonly message: string
}

export const FinishedAction = z.object({
  ...identity,
  status: z.enum(['completed', 'failed', 'cancelled']),
  bootIdAfter: z.string(),
  startedAt: WallClockMs.optional(),
  endedAt: WallClockMs,
  error: ActionError.optional(),
  /** What the action itself wants reported; kept until the hub has it. */
  report: JsonObject.optional(),
})
export type FinishedAction = z.infer<typeof FinishedAction>

/** All that the agent must not forget: one record, written as a whole before anyone is told of a change. */
export const AgentState = z.object({
  running: RunningAction.optional(),
  /** The last finished actions, oldest first. */
  finished: z.array(FinishedAction),
  /** The ids of the finished actions whose reports no hub has acknowledged yet: the last one of each kind. */
  unreported: z.array(z.string()),
  /** What a kind of action remembers from one action to the next. */
  memory: JsonObject,
  /** The boot during which the agent last ran, and how often another one came that no action had asked for. */
  lastBootId: z.string().optional(),
  unexpectedReboots: z.number().int().nonnegative(),
  /** Why the hub forbade destructive actions when it was last heard. */
  desiredLock: z.string().optional(),
})
export type AgentState = z.infer<typeof AgentState>

/** So many finished ids are remembered: a request that is delivered again that late is past its `notAfter` anyway. */
export const rememberedActions = 256

export const emptyState: AgentState = { finished: [], unreported: [], memory: {}, unexpectedReboots: 0 }

/** The word for where an action stands that is not finished. */
export function stateOf(action: RunningAction): string {
  return action.step?.state ?? 'accepted'
}

export function accept(state: AgentState, action: RunningAction): AgentState {
  return { ...state, running: action }
}

/** The next step of the action; the first one is its start. */
export function advance(
  state: AgentState,
  action: RunningAction,
  { step, now }: { readonly step: NonNullable<RunningAction['step']>; readonly now: number },
): AgentState {
  return { ...state, running: { ...action, startedAt: action.startedAt ?? now, step } }
}

/** How an action ended, as the action itself says it. */
export interface Outcome {
  readonly status: FinishedAction['status']
  readonly error?: ActionError
  /** Reported beside what is reported of every action. */
  readonly report?: JsonObject
  /** What its kind remembers from now on. */
  readonly memory?: Json
}

export interface End extends Outcome {
  readonly now: number
  readonly bootId: string
}

/** Moves the action to the finished ones and queues its report in place of an older one of its kind. */
export function finish(state: AgentState, action: RunningAction, end: End): AgentState {
  const { actionId, kind, parameters, bootIdBefore, acceptedAt, startedAt } = action
  const entry: FinishedAction = {
    ...{ actionId, kind, parameters, bootIdBefore, acceptedAt },
    ...{ status: end.status, bootIdAfter: end.bootId, endedAt: end.now },
    ...(startedAt !== undefined && { startedAt }),
    ...(end.error && { error: { ...end.error } }),
    ...(end.report && { report: { ...end.report } }),
  }
  const { running: _, ...rest } = state
  const isOther = (id: string) => state.finished.find((other) => other.actionId === id)?.kind !== kind
  return {
    ...rest,
    finished: [...state.finished, entry].slice(-rememberedActions),
    unreported: [...state.unreported.filter(isOther), actionId],
    ...(end.memory !== undefined && { memory: { ...state.memory, [kind]: end.memory } }),
  }
}

/** The hub has the reports of these actions; newer ones that were queued meanwhile stay queued. */
export function acknowledge(state: AgentState, actionIds: readonly string[]): AgentState {
  const known = state.unreported.filter((id) => actionIds.includes(id))
  if (known.length === 0) return state
  return {
    ...state,
    unreported: state.unreported.filter((id) => !known.includes(id)),
    finished: state.finished.map((action) =>
      known.includes(action.actionId) ? withoutReport(action) : action,
    ),
  }
}

function withoutReport({ report: _, ...action }: FinishedAction): FinishedAction {
  return action
}
