import type { ActionSummary } from '../../contract/app/action.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { isRunning } from './action-progress.ts'

/** What a person who looks elsewhere wants to be told of an action: it has ended, or it goes on only when they decide. */
export type News = 'ended' | 'held'

/** The news between two looks at an action; an action that was not seen before has none. */
export function newsOf(before: ActionSummary | undefined, after: ActionSummary): News | undefined {
  if (!before) return undefined
  if (isRunning(before) && !isRunning(after)) return 'ended'
  const isNewHold = after.hold?.kind !== before.hold?.kind
  return isNewHold && isRunning(after) && needsPerson(after.hold) ? 'held' : undefined
}

/** A hold that a person has made, or that ends by itself, is no news. */
function needsPerson(hold: Hold | undefined): boolean {
  return hold?.kind === 'approval' || hold?.kind === 'gate' || hold?.kind === 'halted'
}
