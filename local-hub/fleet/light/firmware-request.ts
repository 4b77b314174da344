import { isJsonObject, parseJson } from '../../hub/json.ts'
import type { JsonObject, JsonValue } from '../../hub/json.ts'

/** The object that a back end sent, as an object or, as the tutorial does, as its JSON text. */
export function objectOf(payload: JsonValue): JsonObject | undefined {
  const value = typeof payload === 'string' ? parsed(payload) : payload
  return isJsonObject(value) ? value : undefined
}

/** A version for a package of which nothing is known but the address: the last one that is in it. */
export function versionIn(address: string): string {
  return address.match(/\d+(?:\.\d+)+(?:-[a-z]+\.?\d*)?/g)?.at(-1) ?? address.slice(-32)
}

export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
