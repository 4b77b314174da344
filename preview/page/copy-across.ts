/**
 * A copy of a value as Electron's context bridge makes one: functions become proxies, promises are followed,
 * errors keep their message, plain objects lose their prototype, and symbols cannot cross.
 * https://www.electronjs.org/docs/latest/api/context-bridge#parameter--error--return-type-support
 *
 * The functions here are injected into the page as text, so they may use nothing but each other.
 */
export function copyAcross(value: unknown, seen = new Map<object, unknown>()): unknown {
  if (typeof value === 'symbol') throw new TypeError('A symbol cannot cross the context bridge.')
  if (typeof value === 'function') return proxyAcross(value as (...args: unknown[]) => unknown)
  if (typeof value !== 'object' || value === null) return value
  return seen.get(value) ?? copyObject(value, seen)
}

function proxyAcross(original: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
  return (...args) => copyAcross(original(...args.map((each) => copyAcross(each))))
}

function copyObject(value: object, seen: Map<object, unknown>): unknown {
  if (value instanceof Promise) {
    return value.then(
      (result) => copyAcross(result),
      (reason: unknown) => Promise.reject(copyAcross(reason) as Error),
    )
  }
  if (value instanceof Error) return new Error(value.message)
  const isList = Array.isArray(value)
  if (!isList && Object.prototype.toString.call(value) !== '[object Object]') return structuredClone(value)
  const copy = (isList ? [] : {}) as Record<string, unknown>
  seen.set(value, copy)
  for (const [key, each] of Object.entries(value)) copy[key] = copyAcross(each, seen)
  return copy
}

export function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) deepFreeze(each)
    Object.freeze(value)
  }
  return value
}

/** The text of all functions here, to be put where the page needs them. */
export function copyAcrossSource(): string {
  return [copyAcross, proxyAcross, copyObject, deepFreeze].map(String).join('\n')
}
