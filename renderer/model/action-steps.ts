import type { ActionSummary } from '../../contract/app/action.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { isRunning } from './action-progress.ts'

export const stepKinds = [
  'approve',
  'resume',
  'pause',
  'cancel',
  'check-again',
  'restore',
  'retry',
  'clone',
] as const
export type StepKind = (typeof stepKinds)[number]

/** Something that can be done about an action, and how many of its devices it is about. */
export interface ActionStep {
  readonly kind: StepKind
  readonly count: number
}

/** What keeps an action still until a person lets it go on. */
const stillUntilResumed: ReadonlySet<Hold['kind'] | undefined> = new Set(['paused', 'interrupted', 'halted'])
/** What a person lets an action through. */
const stillUntilApproved: ReadonlySet<Hold['kind'] | undefined> = new Set(['approval', 'gate'])

/** All that can be done about an action now, what matters most first. */
export function stepsOf(action: ActionSummary): readonly ActionStep[] {
  const { counts, total } = action
  const count: Readonly<Record<StepKind, number>> = {
    approve: counts.waiting,
    resume: counts.waiting,
    pause: counts.waiting,
    cancel: counts.waiting,
    'check-again': counts.unknown,
    restore: counts.succeeded,
    retry: counts.failed,
    clone: total,
  }
  return stepKinds.filter((kind) => isOffered[kind](action)).map((kind) => ({ kind, count: count[kind] }))
}

/**
 * The one thing that matters. What is not sent yet can still be stopped, so that comes before what can be done at any
 * time; restoring, trying again and cloning are never pressing.
 */
export function nextStep(action: ActionSummary): ActionStep | undefined {
  return stepsOf(action).find(({ kind }) => !neverPressing.has(kind))
}

const neverPressing: ReadonlySet<StepKind> = new Set<StepKind>(['pause', 'restore', 'retry', 'clone'])

const isOffered: Readonly<Record<StepKind, (action: ActionSummary) => boolean>> = {
  approve: ({ hold, status }) => status === 'running' && stillUntilApproved.has(hold?.kind),
  resume: ({ hold, status }) => status === 'running' && stillUntilResumed.has(hold?.kind),
  pause: ({ hold, status, counts, engine }) =>
    status === 'running' && counts.waiting > 0 && engine === 'methods' && !stillUntilResumed.has(hold?.kind),
  cancel: ({ status, counts }) => counts.waiting > 0 && status !== 'cancelling',
  /** A lost answer to a direct method leaves nothing to check. */
  'check-again': ({ counts, parameters }) => counts.unknown > 0 && parameters.kind !== 'method',
  /** Those that have proven that they came back; what was kept of the others is for when they do. */
  restore: ({ counts, parameters }) => counts.succeeded > 0 && parameters.kind === 'factoryReset',
  /** A restore begins with a look at the twins, so it is offered where the reset is. */
  retry: (action) => action.counts.failed > 0 && !isRunning(action) && action.parameters.kind !== 'restore',
  clone: ({ parameters }) => parameters.kind !== 'restore',
}
