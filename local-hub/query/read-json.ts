import type { JsonObject, JsonValue } from '../hub/json.ts'

type Read = (value: JsonValue | undefined) => JsonValue | undefined

/** Reads the value at these segments; own properties only: `tags.constructor` is what the user wrote, or nothing. */
export function readerOf(segments: readonly string[]): Read {
  const readers = segments.map(childReader)
  const [only] = readers
  if (only && readers.length === 1) return only
  return (value) => {
    let found = value
    for (const readChild of readers) found = readChild(found)
    return found
  }
}

function childReader(name: string): Read {
  const isInherited = name in Object.prototype
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // Asked only about the few names that an object may have without owning them, because asking is slow.
    if (isInherited && !Object.hasOwn(value, name)) return undefined
    return (value as JsonObject)[name]
  }
}
