import { parseTree, type ParseError } from 'jsonc-parser'
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
    throw fault('not-json', placeAt(text, mistakeIn(text)), { cause, field })
  }
}

/** Where the first mistake is, as a position in the text; its beginning when nothing better is known. */
function mistakeIn(text: string): number {
  const mistakes: ParseError[] = []
  parseTree(text, mistakes, { disallowComments: true, allowTrailingComma: false })
  return mistakes[0]?.offset ?? 0
}

/** A position in a text as a person counts: lines and columns begin at 1. */
export function placeAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
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
