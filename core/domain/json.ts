import { fault } from '../../contract/faults.ts'

/** JSON as it came from outside: hostile until a schema has read it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Reads what a person typed. Errors: `invalid-input` that names the field and says where the mistake is. */
export function parseTypedJson(text: string, field: string): Json {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    const words = cause instanceof SyntaxError ? cause.message : 'it cannot be read'
    throw fault('not-json', { detail: words }, { cause, field })
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How many bytes the text has in UTF-8, in which the hub counts. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
