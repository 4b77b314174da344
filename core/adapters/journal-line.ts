import { hash } from 'node:crypto'
import { checkRecord, type JournalRecord } from '../domain/journal-record.ts'
import type { ByteLine } from './journal-lines.ts'

/** What the first record is chained to. */
export const genesis = '0'.repeat(64)

/** A SHA-256 in hexadecimal, then a space. */
export const hashLength = 64

/** The record that follows `previous` in the chain, as a line of the file without its end. */
export function writeLine(
  previous: string,
  record: JournalRecord,
): { readonly hash: string; readonly text: string } {
  const json = JSON.stringify(record)
  const link = hash('sha256', previous + json, 'hex')
  return { hash: link, text: `${link} ${json}` }
}

/** Errors: `ZodError` or `SyntaxError` for what no version of the app has written. */
export function readRecord({ latin1, isAscii }: ByteLine): JournalRecord {
  const json = latin1.slice(hashLength + 1)
  return checkRecord(JSON.parse(isAscii ? json : Buffer.from(json, 'latin1').toString('utf8')))
}
