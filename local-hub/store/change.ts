/** One thing that the hub should remember, or forget. */
export interface Change {
  /** What kind of thing, such as `device`; no space in it. */
  readonly kind: string
  /** Which one of its kind. */
  readonly key: string
  /** Plain JSON that is never changed in place; absent means: forget it. */
  readonly value?: unknown
}

/** What the hub remembers, each thing once, in the order in which it was first put. */
export type Kept = ReadonlyMap<string, Change>

/** Which thing a change is about. */
export function subjectOf({ kind, key }: Change): string {
  return `${kind} ${key}`
}

/** A thing that is forgotten and put again comes last. */
export function applyChange(kept: Map<string, Change>, change: Change): void {
  if (change.value === undefined) kept.delete(subjectOf(change))
  else kept.set(subjectOf(change), change)
}

export function* valuesOf(kept: Kept, kind: string): Iterable<unknown> {
  for (const change of kept.values()) if (change.kind === kind) yield change.value
}
