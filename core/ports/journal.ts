import type { JournalRecord } from '../domain/journal-record.ts'

/** What was done, in order, for ever: append-only, and durable before anything is sent. */
export interface Journal {
  /** Everything that was ever appended. Errors: `internal` when the file was changed by other hands. */
  read(): AsyncIterable<JournalRecord>
  /** Resolves once the record is on the disk. */
  append(record: JournalRecord): Promise<void>
  close(): Promise<void>
}
