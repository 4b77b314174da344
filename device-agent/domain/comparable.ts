import type { Json } from './agent-state.ts'

/** A text that is the same for values that mean the same: the order of keys means nothing. */
export function comparable(value: Json): string {
  return JSON.stringify(value, (_, part: Json) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
