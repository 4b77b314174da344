import type { ActionSummary, TargetCounts, TargetStatus } from '../../contract/app/action.ts'

/** What a person distinguishes in a bar: three kinds of "under way" are one. */
export type Outcome = 'succeeded' | 'failed' | 'unknown' | 'cancelled' | 'working' | 'waiting'

export interface OutcomeCount {
  readonly outcome: Outcome
  readonly count: number
}

/** The one thing to do next about an action, when there is one. */
export type NextStep =
  | { readonly kind: 'stop-sending'; readonly count: number }
  | { readonly kind: 'check-again'; readonly count: number }

const statusesOf: Readonly<Record<Outcome, readonly TargetStatus[]>> = {
  succeeded: ['succeeded'],
  failed: ['failed'],
  unknown: ['unknown'],
  cancelled: ['cancelled'],
  working: ['sending', 'working', 'cancelling'],
  waiting: ['waiting'],
}

export const outcomes = Object.keys(statusesOf) as readonly Outcome[]

export function outcomeOf(status: TargetStatus): Outcome {
  return outcomes.find((outcome) => statusesOf[outcome].includes(status)) ?? 'unknown'
}

/** The outcomes that an action has, in the order of the bar. */
export function countOutcomes(counts: TargetCounts): readonly OutcomeCount[] {
  return outcomes
    .map((outcome) => ({ outcome, count: sum(statusesOf[outcome].map((status) => counts[status])) }))
    .filter(({ count }) => count > 0)
}

/**
 * Waiting targets come first: what is not sent yet can still be stopped, an unknown one can be checked at any time. A
 * lost answer to a direct method leaves nothing to check.
 */
export function nextStep({ counts, status, parameters }: ActionSummary): NextStep | undefined {
  if (counts.waiting > 0 && status !== 'cancelling') return { kind: 'stop-sending', count: counts.waiting }
  if (counts.unknown > 0 && parameters.kind !== 'method')
    return { kind: 'check-again', count: counts.unknown }
  return undefined
}

export function isRunning({ status }: ActionSummary): boolean {
  return status === 'running' || status === 'cancelling'
}

/** How many targets have come to an end, the honest ones that ended unknown among them. */
export function settledCount({ counts }: ActionSummary): number {
  return counts.succeeded + counts.failed + counts.unknown + counts.cancelled
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
