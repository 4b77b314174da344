import type { DeviceRow } from '../../contract/app/device.ts'

export type RowFilter = (row: DeviceRow) => boolean

/** The words that stand for a state; typing the start of one filters by that state. */
export interface FilterWords {
  readonly online: readonly string[]
  readonly offline: readonly string[]
  readonly enabled: readonly string[]
  readonly disabled: readonly string[]
}

/**
 * Every term of the text must match: as part of the device id or firmware version, or as the start (three letters
 * or more, so that "o" stays a part of ids) of a word for a state. Undefined for a text with no terms: everything matches.
 */
export function parseFilter(text: string, words: FilterWords): RowFilter | undefined {
  const terms = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (terms.length === 0) return undefined
  const matchers = terms.map((term) => termMatcher(term, words))
  return (row) => matchers.every((matches) => matches(row))
}

function termMatcher(term: string, words: FilterWords): RowFilter {
  const states = statesNamed(term, words)
  return (row) => states.some((isIn) => isIn(row)) || textOf(row).includes(term)
}

function textOf(row: DeviceRow): string {
  return `${row.deviceId}\n${row.firmwareVersion ?? ''}`.toLowerCase()
}

function statesNamed(term: string, words: FilterWords): readonly RowFilter[] {
  const states: readonly (readonly [readonly string[], RowFilter])[] = [
    [words.online, (row) => row.isConnected],
    [words.offline, (row) => !row.isConnected],
    [words.enabled, (row) => row.isEnabled],
    [words.disabled, (row) => !row.isEnabled],
  ]
  return states
    .filter(([names]) => names.some((name) => startsWord(name.toLowerCase(), term)))
    .map(([, isIn]) => isIn)
}

function startsWord(word: string, term: string): boolean {
  return term === word || (term.length >= 3 && word.startsWith(term))
}
