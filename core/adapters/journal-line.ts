import { hash } from 'node:crypto'
import { JournalRecord } from '../domain/journal-record.ts'

/** What the first record is chained to. */
export const genesis = '0'.repeat(64)

/** A SHA-256 in hexadecimal, then a space. */
const hashLength = 64

export interface Line {
  /** The hash of this record and, through it, of every record before. */
  readonly hash: string
  readonly json: string
}

/** The record that follows `previous` in the chain, as a line of the file without its end. */
export function writeLine(previous: string, record: JournalRecord): Line & { readonly text: string } {
  const json = JSON.stringify(record)
  const link = chained(previous, json)
  return { hash: link, json, text: `${link} ${json}` }
}

/** What a line says; undefined when it does not follow `previous`: it, or something before it, was changed. */
export function readLine(previous: string, text: string): Line | undefined {
  const line = splitLine(text)
  return line.hash === chained(previous, line.json) && text[hashLength] === ' ' ? line : undefined
}

/** The two parts of a line that is known to be good. */
export function splitLine(text: string): Line {
  return { hash: text.slice(0, hashLength), json: text.slice(hashLength + 1) }
}

/** Errors: `ZodError` or `SyntaxError` for what no version of the app has written. */
export function readRecord({ json }: Line): JournalRecord {
  return JournalRecord.parse(JSON.parse(json))
}

function chained(previous: string, json: string): string {
  return hash('sha256', previous + json, 'hex')
}
