import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Durability } from '../hub/durability.ts'
import { applyChange, subjectOf } from './change.ts'
import type { Change } from './change.ts'
import { LogFile } from './log-file.ts'

export interface ChangeLogOptions {
  readonly folder: string
  /** Hears, once, that the disk failed. */
  readonly onFailure: (error: unknown) => void
  /** How much must be written after a snapshot, at least, for the next one. */
  readonly bytesBeforeSnapshot?: number
}

const usualBytesBeforeSnapshot = 16 * 1024 * 1024

/**
 * Keeps changes on the disk. All changes of one turn of the event loop, and all that come while the disk is busy, are
 * written together (group commit); they survive together or not at all. When a write fails nothing is kept any more,
 * and whoever waits is told: what is in memory may then be ahead of what is on the disk.
 */
export class ChangeLog implements Durability {
  readonly #options: ChangeLogOptions
  readonly #kept: Map<string, Change>
  #log: LogFile
  #pending = new Map<string, Change>()
  #writing: Promise<void> | undefined
  /** Of what is pending, and of what is being written. */
  #next = newOutcome()
  #current: Promise<void> | undefined
  #failure: Error | undefined
  #drafting: Promise<void> | undefined
  /** A whole snapshot that may replace the log, and what has changed since it was begun. */
  #draft: LogFile | undefined
  #meanwhile: Change[] = []

  private constructor(options: ChangeLogOptions, log: LogFile, kept: Map<string, Change>) {
    this.#options = options
    this.#log = log
    this.#kept = kept
  }

  /** Throws DataFolderUnusable. */
  static async open(options: ChangeLogOptions): Promise<ChangeLog> {
    const { log, kept } = await LogFile.open(options.folder)
    return new ChangeLog(options, log, kept)
  }

  /** How often the log was begun anew. */
  get generation(): number {
    return this.#log.generation
  }

  get kept(): ReadonlyMap<string, Change> {
    return this.#kept
  }

  put(change: Change): void {
    applyChange(this.#kept, change)
    const subject = subjectOf(change)
    this.#pending.delete(subject)
    this.#pending.set(subject, change)
    this.#write()
  }

  settled(): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure)
    return this.#pending.size > 0 ? this.#next.promise : this.#current
  }

  /** Keeps what is pending, and frees the file. */
  async close(): Promise<void> {
    while ((this.#writing ?? this.#drafting) && !this.#failure) {
      await this.#writing
      await this.#drafting
    }
    await this.#log.close()
  }

  #write(): void {
    this.#writing ??= this.#writeAll().catch((error: unknown) => {
      this.#fail(error)
    })
  }

  async #writeAll(): Promise<void> {
    try {
      while (!this.#failure && (this.#pending.size > 0 || this.#draft)) {
        // What the code that changes things does in one go is not cut in two.
        await nextTurn()
        await this.#writePending()
        if (this.#draft) await this.#replaceLog(this.#draft)
        else this.#considerSnapshot()
      }
    } finally {
      // At once, and not a microtask later: a change that comes in between would wait for ever.
      this.#writing = undefined
    }
  }

  async #writePending(): Promise<void> {
    if (this.#pending.size === 0) return
    const changes = [...this.#pending.values()]
    const outcome = this.#next
    this.#pending = new Map()
    this.#next = newOutcome()
    this.#current = outcome.promise
    try {
      await this.#log.append(changes)
    } catch (error) {
      outcome.reject(this.#fail(error))
      return
    }
    if (this.#drafting) this.#meanwhile.push(...changes)
    this.#current = undefined
    outcome.resolve(undefined)
  }

  /** A log that is mostly history is written anew, while the old one goes on. */
  #considerSnapshot(): void {
    const { folder, bytesBeforeSnapshot = usualBytesBeforeSnapshot } = this.#options
    const { byteCount, snapshotBytes, generation } = this.#log
    if (this.#drafting || byteCount - snapshotBytes < Math.max(bytesBeforeSnapshot, snapshotBytes)) return
    this.#meanwhile = []
    this.#drafting = LogFile.draft(folder, generation + 1, [...this.#kept.values()]).then(
      (draft) => {
        this.#draft = draft
        this.#write()
      },
      (error: unknown) => {
        this.#fail(error)
      },
    )
  }

  async #replaceLog(draft: LogFile): Promise<void> {
    const old = this.#log
    await draft.append(this.#meanwhile)
    await draft.publish()
    this.#log = draft
    this.#draft = undefined
    this.#drafting = undefined
    await old.remove()
  }

  #fail(cause: unknown): Error {
    if (this.#failure) return this.#failure
    this.#failure = new Error('The hub cannot keep what it is told: its disk failed.', { cause })
    this.#next.reject(this.#failure)
    this.#options.onFailure(this.#failure)
    return this.#failure
  }
}

/** A promise that nobody need listen to. */
function newOutcome(): PromiseWithResolvers<undefined> {
  const outcome = Promise.withResolvers<undefined>()
  outcome.promise.catch(() => undefined)
  return outcome
}
