import type { ReasonCode, Target } from '../../contract/app/target.ts'
import { outcomeOf, outcomes, type Outcome } from './action-progress.ts'

export const groupings = ['none', 'reason', 'wave'] as const
export type Grouping = (typeof groupings)[number]
/** How the devices of an action are listed; by answer they are cards, not rows. */
export type Listing = Grouping | 'answer'

/** Targets that ended alike, or that belong to the same wave. */
export interface TargetGroup {
  readonly key: string
  readonly outcome: Outcome | undefined
  readonly reason: ReasonCode | undefined
  readonly wave: number | undefined
  readonly targets: readonly Target[]
}

export type TargetRow =
  | { readonly kind: 'group'; readonly group: TargetGroup; readonly isOpen: boolean }
  | { readonly kind: 'target'; readonly target: Target }

/** Rows by position, without a row object for each of a hundred thousand targets. */
export interface TargetRows {
  readonly length: number
  at(position: number): TargetRow | undefined
}

/** In the order of the bar, the biggest reason first; waves by their number. */
export function groupTargets(
  targets: readonly Target[],
  by: Exclude<Grouping, 'none'>,
): readonly TargetGroup[] {
  const groups = [...Map.groupBy(targets, by === 'wave' ? waveKey : reasonKey)].map(([key, alike]) =>
    toGroup(key, alike, by),
  )
  return groups.toSorted(by === 'wave' ? byWave : byAttention)
}

/** The groups with their targets below them, but for those that are closed. */
export function layOutGroups(groups: readonly TargetGroup[], closed: ReadonlySet<string>): TargetRows {
  const starts: number[] = []
  let length = 0
  for (const { key, targets } of groups) {
    starts.push(length)
    length += closed.has(key) ? 1 : targets.length + 1
  }
  return {
    length,
    at: (position) => {
      if (position < 0 || position >= length) return undefined
      const index = lastAtMost(starts, position)
      const group = groups[index]
      if (!group) return undefined
      const offset = position - (starts[index] ?? 0)
      if (offset === 0) return { kind: 'group', group, isOpen: !closed.has(group.key) }
      const target = group.targets[offset - 1]
      return target && { kind: 'target', target }
    },
  }
}

/** One target a row. */
export function layOutTargets(targets: readonly Target[]): TargetRows {
  return {
    length: targets.length,
    at: (position) => {
      const target = targets[position]
      return target && { kind: 'target', target }
    },
  }
}

function reasonKey({ status, reason }: Target): string {
  return `${outcomeOf(status)} ${reason?.code ?? ''}`
}

function waveKey({ wave }: Target): string {
  return String(wave ?? '')
}

function toGroup(key: string, targets: readonly Target[], by: Exclude<Grouping, 'none'>): TargetGroup {
  const [first] = targets
  const isWave = by === 'wave'
  return {
    key,
    outcome: first && !isWave ? outcomeOf(first.status) : undefined,
    reason: isWave ? undefined : first?.reason?.code,
    wave: isWave ? first?.wave : undefined,
    targets,
  }
}

/** What asks for attention first, then how many it is. */
const attention: readonly (Outcome | undefined)[] = ['failed', 'unknown', ...outcomes]

function byAttention(a: TargetGroup, b: TargetGroup): number {
  const order = attention.indexOf(a.outcome) - attention.indexOf(b.outcome)
  return order === 0 ? b.targets.length - a.targets.length : order
}

function byWave(a: TargetGroup, b: TargetGroup): number {
  return (a.wave ?? Infinity) - (b.wave ?? Infinity)
}

/** The last index whose value is at most `limit`, in a list that ascends. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((values[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}
