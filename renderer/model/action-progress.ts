import type { ActionSummary } from '../../contract/app/action.ts'
import type { TargetCounts, TargetStatus } from '../../contract/app/target.ts'

/** What a person distinguishes in a bar: three kinds of "under way" are one. */
export type Outcome = 'succeeded' | 'failed' | 'unknown' | 'cancelled' | 'working' | 'waiting'

export interface OutcomeCount {
  readonly outcome: Outcome
  readonly count: number
}

const statusesOf: Readonly<Record<Outcome, readonly TargetStatus[]>> = {
  succeeded: ['succeeded'],
  failed: ['failed'],
  unknown: ['unknown'],
  cancelled: ['cancelled'],
  working: ['sending', 'working', 'cancelling'],
  waiting: ['waiting'],
}

export const outcomes = Object.keys(statusesOf) as readonly Outcome[]

const outcomeByStatus = Object.fromEntries(
  outcomes.flatMap((outcome) => statusesOf[outcome].map((status) => [status, outcome])),
) as Readonly<Record<TargetStatus, Outcome>>

export function outcomeOf(status: TargetStatus): Outcome {
  return outcomeByStatus[status]
}

/** The outcomes that an action has, in the order of the bar. */
export function countOutcomes(counts: TargetCounts): readonly OutcomeCount[] {
  return outcomes
    .map((outcome) => ({ outcome, count: sum(statusesOf[outcome].map((status) => counts[status])) }))
    .filter(({ count }) => count > 0)
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
