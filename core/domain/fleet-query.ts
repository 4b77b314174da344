import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** A value of a twin, from its root: `['tags', 'site']`, `['properties', 'reported', 'iothubDM']`. */
export type TwinPath = readonly string[]

/** Keys that the query language takes without brackets; no other occurs in a path of ours. */
const plainKey = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * The query that lists the fleet: what the grid shows, and these parts of each twin. A query is billed by the size of
 * its result, so nothing more is asked for.
 */
export function fleetQuery(paths: readonly TwinPath[]): string {
  const parts = shortest(paths).map((path, index) => `, ${path.map(quoted).join('.')} AS p${index}`)
  return `SELECT deviceId, version, status, connectionState, lastActivityTime${parts.join('')} FROM devices`
}

/** Puts the parts of one row of the answer back to where they are in a twin. */
export function readParts(paths: readonly TwinPath[], row: Readonly<Record<string, unknown>>): JsonObject {
  const twin: Record<string, Json> = {}
  for (const [index, path] of shortest(paths).entries()) {
    const value = Object.hasOwn(row, `p${index}`) ? row[`p${index}`] : undefined
    // A part that a twin does not have is left out of its row, or null.
    if (value !== undefined && value !== null) put(twin, path, value as Json)
  }
  return twin
}

/** A path that lies in another, or is there twice, is read with it. */
function shortest(paths: readonly TwinPath[]): readonly TwinPath[] {
  return paths.filter(
    (path, index) => !paths.some((other, at) => at !== index && covers(other, path, at < index)),
  )
}

function covers(other: TwinPath, path: TwinPath, comesFirst: boolean): boolean {
  const isShorter = other.length < path.length || (other.length === path.length && comesFirst)
  return isShorter && other.every((key, at) => key === path[at])
}

function quoted(key: string): string {
  return plainKey.test(key) ? key : `[[${key}]]`
}

function put(twin: Record<string, Json>, path: TwinPath, value: Json): void {
  const [key = '', ...rest] = path
  if (rest.length === 0) {
    define(twin, key, value)
    return
  }
  const known = Object.hasOwn(twin, key) ? twin[key] : undefined
  const inner: Record<string, Json> = isJsonObject(known) ? { ...known } : {}
  put(inner, rest, value)
  define(twin, key, inner)
}

/** An assignment to `__proto__` would not make a property. */
function define(container: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true })
}
