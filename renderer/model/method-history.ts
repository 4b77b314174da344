/** A direct method that was invoked from this machine before. */
export interface UsedMethod {
  readonly methodName: string
  /** As it was typed. */
  readonly payload: string
  readonly usedAt: string
}

const mostKept = 20

/** The history after one more use: the newest first, each name and payload once. */
export function remember(history: readonly UsedMethod[], used: UsedMethod): readonly UsedMethod[] {
  const others = history.filter(
    ({ methodName, payload }) => methodName !== used.methodName || payload !== used.payload,
  )
  return [used, ...others].slice(0, mostKept)
}

/** What was stored, as far as it makes sense; undefined for what is no history. */
export function readHistory(stored: unknown): readonly UsedMethod[] | undefined {
  return Array.isArray(stored) ? stored.filter(isUsedMethod).slice(0, mostKept) : undefined
}

function isUsedMethod(value: unknown): value is UsedMethod {
  if (typeof value !== 'object' || value === null) return false
  const { methodName, payload, usedAt } = value as Partial<Record<keyof UsedMethod, unknown>>
  return [methodName, payload, usedAt].every((part) => typeof part === 'string')
}
