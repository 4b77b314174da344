export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** Objects made here have no prototype: `__proto__` is a key like any other. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** The same object while it is being built. */
export type JsonObjectDraft = Record<string, JsonValue>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses JSON that a stranger sent. Throws SyntaxError for bad UTF-8, bad JSON, and nesting that exhausts the stack. */
export function parseJson(source: Uint8Array | string): JsonValue {
  return parsed(source, withoutPrototypes)
}

/** The same, sooner, for what is only passed on: its objects have a prototype, so that not every name is safe to read. */
export function parsePassingJson(source: Uint8Array | string): JsonValue {
  return parsed(source, (value) => value)
}

function parsed(source: Uint8Array | string, finish: (value: JsonValue) => JsonValue): JsonValue {
  try {
    const text = typeof source === 'string' ? source : utf8.decode(source)
    return finish(JSON.parse(text) as JsonValue)
  } catch (cause) {
    throw new SyntaxError('The text is not valid JSON.', { cause })
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A copy of a plain value, checked to be JSON; throws SyntaxError for what JSON cannot carry. */
export function toJsonObject(value: Readonly<Record<string, unknown>>): JsonObject {
  const copy = parseJson(JSON.stringify(value))
  if (!isJsonObject(copy)) throw new SyntaxError('The value is not a JSON object.')
  return copy
}

/** Not `Object.create(null)`: V8 makes that a hash table at once, several times slower to read and larger to keep. */
export function emptyJsonObject(): JsonObjectDraft {
  return Object.setPrototypeOf({}, null) as JsonObjectDraft
}

export function copyJsonObject(source: JsonObject): JsonObjectDraft {
  return Object.assign(emptyJsonObject(), source)
}

/** In place, for the value is nobody else's yet: a reviver would be five times slower. */
function withoutPrototypes(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null)
  for (const child of Object.values(value) as readonly JsonValue[]) withoutPrototypes(child)
  return value
}
