import type { JournalRecord } from '../domain/journal-record.ts'

export interface NumberedRecord {
  /** Its place in the journal, from 1. */
  readonly number: number
  readonly record: JournalRecord
}

/** Which records someone wants to see: all that match what is given. */
export interface RecordFilter {
  readonly actionId?: string | undefined
  readonly deviceId?: string | undefined
}

/** Whether every record still follows the one before; `firstWrong` is the number of the first that does not. */
export type ChainCheck =
  | { readonly isWhole: true; readonly records: number; readonly head: string }
  | { readonly isWhole: false; readonly firstWrong: number }

/** What was done, in order, for ever: append-only, and durable before anything is sent. */
export interface Journal {
  /** How many records are on the disk. */
  readonly length: number
  /**
   * Everything that was ever appended, in blocks. Once, and before everything else: nothing is appended to what was not read.
   * Errors: `internal` when a record was changed, dropped or moved by other hands; then the journal is left as it is.
   */
  read(): AsyncIterable<readonly JournalRecord[]>
  /** The records before that number, the newest first. Errors: as `read`. */
  readBackwards(before: number, filter: RecordFilter): AsyncIterable<NumberedRecord>
  /** All that are there now, the oldest first. Errors: as `read`. */
  readForwards(filter: RecordFilter): AsyncIterable<NumberedRecord>
  /** Resolves once the record is on the disk. */
  append(record: JournalRecord): Promise<void>
  /** Reads what is on the disk once more, and follows the chain from its beginning to the record that was last. */
  verify(): Promise<ChainCheck>
  close(): Promise<void>
}
