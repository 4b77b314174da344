import type { z } from 'zod'
import type { FinishedAction, Json, JsonObject, Outcome, RunningAction } from '../domain/agent-state.ts'
import { interrupted, type KindAtStart, type Start } from '../domain/boot-decision.ts'
import type { MethodAnswer, MethodCall } from '../domain/method-decision.ts'
import type { HubPresence } from '../hub-presence.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Machine } from '../ports/machine.ts'
import type { AgentSettings } from '../settings.ts'

export type Step = NonNullable<RunningAction['step']>

/** An accepted action as its own code sees it. Without a step it has not begun. */
export type Running<Request, Own> = Omit<RunningAction, 'request' | 'step'> & {
  readonly request: Request
  readonly step: Own | undefined
}

/** What an action has at hand while it runs. */
export interface ActionContext<Own = Step> {
  readonly bootId: string
  readonly machine: Machine
  readonly clock: Clock
  readonly log: Log
  readonly settings: AgentSettings
  readonly hub: Pick<HubPresence, 'isConnected' | 'whenConnected'>
  /** What its kind remembers of earlier actions. */
  readonly memory: Json | undefined
  /** Aborted when the agent ends, and `run` is called again at its next start, or when the action was cancelled. */
  readonly signal: AbortSignal
  /** Resolves when the step is durable. Rejects when the action was cancelled before: nothing may be done then. */
  readonly advance: (step: Own) => Promise<void>
  /** Reports progress: latest wins, at most a patch in five seconds, and none that must arrive. */
  readonly show: (fields: JsonObject) => void
  /** Why nothing destructive may begin now; undefined when it may. */
  readonly lockedBy: () => Promise<string | undefined>
}

/** One kind of action: what it is asked for with, its durable steps, and what it does. */
export interface ActionDefinition<Request extends Json, Own extends Step> {
  /** The name of the direct method, and the key of its report under `iothubDM`. */
  readonly name: string
  /** Whether an update lock stops it. */
  readonly isDestructive: boolean
  readonly request: z.ZodType<Request>
  readonly step: z.ZodType<Own>
  /** Whether one that has not begun is still wanted after a restart of the machine that nobody asked for. */
  readonly survivesRestart?: boolean
  /** Why this machine cannot do it. It is not offered then. */
  refusal?(): string | undefined
  read(payload: unknown): MethodCall<Request>
  /** Refuses, or answers without beginning, what the common rules would accept. */
  admit?(request: Request, actionId: string | undefined): Promise<MethodAnswer | undefined>
  /** The end of an action that has begun, where the start of the agent itself proves it. */
  judge?(action: Running<Request, Own>, start: Start): Outcome | undefined
  /** Why it cannot be cancelled at its present step. Where this is absent, no step can. */
  whyNotCancel?(action: Running<Request, Own>): string | undefined
  /** Does it, from the step that was reached; called again after each restart of the agent until it has returned. */
  run(action: Running<Request, Own>, context: ActionContext<Own>): Promise<Outcome>
  /** What its report says beside what every report says. */
  describe?(action: FinishedAction): JsonObject
}

/** A kind of action to those who know no details of it. */
export interface Action extends KindAtStart {
  readonly name: string
  readonly isDestructive: boolean
  refusal(): string | undefined
  read(payload: unknown): MethodCall<Json>
  admit(request: Json, actionId: string | undefined): Promise<MethodAnswer | undefined>
  whyNotCancel(action: RunningAction): string | undefined
  run(action: RunningAction, context: ActionContext): Promise<Outcome>
  describe(action: FinishedAction): JsonObject
}

const begunAlready = 'it has begun, and cannot be undone'
const unreadable = interrupted(
  'another version of the agent began this action, and this one cannot read where it stood',
)

/** Guards the details of one kind: what comes from the disk is parsed before its code sees it. */
export function defineAction<Request extends Json, Own extends Step>(
  definition: ActionDefinition<Request, Own>,
): Action {
  function parse(action: RunningAction): Running<Request, Own> | undefined {
    const request = definition.request.safeParse(action.request)
    const step = definition.step.optional().safeParse(action.step)
    return request.success && step.success ? { ...action, request: request.data, step: step.data } : undefined
  }
  return {
    name: definition.name,
    isDestructive: definition.isDestructive,
    survivesRestart: definition.survivesRestart ?? false,
    refusal: () => definition.refusal?.(),
    read: (payload) => definition.read(payload),
    admit: async (request, actionId) => definition.admit?.(definition.request.parse(request), actionId),
    judge(action, start) {
      const own = parse(action)
      return own === undefined ? unreadable : definition.judge?.(own, start)
    },
    whyNotCancel(action) {
      const own = parse(action)
      return own === undefined || definition.whyNotCancel === undefined
        ? begunAlready
        : definition.whyNotCancel(own)
    },
    async run(action, context) {
      const own = parse(action)
      return own === undefined ? unreadable : definition.run(own, context)
    },
    describe: (action) => definition.describe?.(action) ?? {},
  }
}
