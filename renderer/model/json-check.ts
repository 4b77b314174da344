import { findMistake, type JsonMistake } from './json-mistake.ts'

/** What a person typed where JSON is asked for. */
export type JsonCheck =
  | { readonly kind: 'empty' }
  | { readonly kind: 'valid' }
  | { readonly kind: 'mistake'; readonly mistake: JsonMistake }
  | { readonly kind: 'not-object' | 'empty-object' | 'too-long' }

/** What the hub lets a direct method carry, in characters. */
export const longestJson = 131_072

/** Checks a payload: any JSON value; nothing at all means null. */
export function checkPayload(text: string): JsonCheck {
  if (text.trim() === '') return { kind: 'empty' }
  if (text.length > longestJson) return { kind: 'too-long' }
  const mistake = findMistake(text)
  return mistake ? { kind: 'mistake', mistake } : { kind: 'valid' }
}

/** Checks a merge patch: an object that says something. */
export function checkPatch(text: string): JsonCheck {
  const check = checkPayload(text)
  if (check.kind !== 'valid') return check
  const compact = text.replaceAll(/\s/g, '')
  if (!compact.startsWith('{')) return { kind: 'not-object' }
  return compact === '{}' ? { kind: 'empty-object' } : check
}
