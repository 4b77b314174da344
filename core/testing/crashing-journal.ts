import type { JournalRecord } from '../domain/journal-record.ts'
import { FakeJournal } from './fakes.ts'

/**
 * A journal whose machine loses its power at the record of that number: the record may be on the disk already or not,
 * and whoever waits for it, or for any later one, waits for ever.
 */
export class CrashingJournal extends FakeJournal {
  readonly #crashAt: number
  readonly #isLastKept: boolean
  #appended = 0

  constructor(records: readonly JournalRecord[], crashAt: number, isLastKept: boolean) {
    super(records)
    this.#crashAt = crashAt
    this.#isLastKept = isLastKept
  }

  get hasCrashed(): boolean {
    return this.#appended >= this.#crashAt
  }

  override async append(record: JournalRecord): Promise<void> {
    this.#appended += 1
    if (this.#appended < this.#crashAt) return super.append(record)
    if (this.#appended === this.#crashAt && this.#isLastKept) await super.append(record)
    return new Promise(() => undefined)
  }
}
