import { fstatSync, statSync } from 'node:fs'
import { mkdir, open, truncate, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import type { ChainCheck, Journal, NumberedRecord, RecordFilter } from '../ports/journal.ts'
import { syncFolder } from './durable-file.ts'
import { lockFile } from './file-lock.ts'
import { JournalIndex } from './journal-index.ts'
import { JournalChain } from './journal-chain.ts'
import { readRecord, writeLine } from './journal-line.ts'
import { readLines, type ByteLine } from './journal-lines.ts'

/** How many records are read at a time when someone looks back. */
const pageRecords = 500

interface Queued {
  readonly record: JournalRecord
  readonly line: string
  readonly hash: string
  readonly settle: (error: AppError | undefined) => void
}

/**
 * The journal as a text file: one record a line, `<hash> <json>`, where the hash covers the one before it. A changed,
 * dropped or moved record breaks the chain. Records that come while the disk is busy share the next flush.
 */
export class JournalFile implements Journal {
  readonly #path: string
  readonly #file: FileHandle
  readonly #unlock: () => void
  readonly #index = new JournalIndex()
  readonly #queue: Queued[] = []
  /** The hash of the last record that was appended, and of the last that is on the disk; undefined until it was read. */
  #head: string | undefined
  #durableHead: string | undefined
  #flushing: Promise<void> | undefined
  #failure: AppError | undefined

  private constructor(path: string, file: FileHandle, unlock: () => void) {
    this.#path = path
    this.#file = file
    this.#unlock = unlock
  }

  /** Errors: `conflict` when another process has it. */
  static async open(path: string): Promise<JournalFile> {
    await mkdir(dirname(path), { recursive: true })
    const unlock = lockFile(`${path}.lock`)
    if (!unlock) throw inUse()
    try {
      const file = await open(path, 'a+', 0o600)
      await syncFolder(dirname(path))
      return new JournalFile(path, file, unlock)
    } catch (error) {
      unlock()
      throw error
    }
  }

  get length(): number {
    return this.#index.length
  }

  async *read(): AsyncGenerator<readonly JournalRecord[]> {
    if (this.#head !== undefined) throw new TypeError('The journal was read already.')
    const { size } = await this.#file.stat()
    const chain = new JournalChain()
    for await (const lines of readLines(this.#file, { start: 0, end: size })) {
      yield chain.follow(lines).map((line) => this.#take(line))
    }
    await mendTail(this.#file, this.#path, chain)
    this.#head = chain.head
    this.#durableHead = chain.head
  }

  async *readBackwards(before: number, filter: RecordFilter): AsyncGenerator<NumberedRecord> {
    for (let last = Math.min(before - 1, this.length); last >= 1; last -= pageRecords) {
      const first = Math.max(1, last - pageRecords + 1)
      if (!this.#hasAny(first, last, filter)) continue
      const page: NumberedRecord[] = []
      for await (const each of this.#between(first, last)) if (isWanted(each.record, filter)) page.push(each)
      yield* page.reverse()
    }
  }

  async *readForwards(filter: RecordFilter): AsyncGenerator<NumberedRecord> {
    for (let first = 1, last = this.length; first <= last; first += pageRecords) {
      const until = Math.min(last, first + pageRecords - 1)
      if (!this.#hasAny(first, until, filter)) continue
      for await (const each of this.#between(first, until)) if (isWanted(each.record, filter)) yield each
    }
  }

  append(record: JournalRecord): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#head === undefined) return Promise.reject(new TypeError('The journal was not read.'))
    const { hash, text } = writeLine(this.#head, record)
    this.#head = hash
    return new Promise((resolve, reject) => {
      const settle = (error: AppError | undefined): void => (error ? reject(error) : resolve())
      this.#queue.push({ record, line: `${text}\n`, hash, settle })
      this.#flushing ??= this.#flush()
    })
  }

  async verify(): Promise<ChainCheck> {
    await this.#flushing
    // While records are on their way to the disk, nobody can tell whose they are.
    const isForeign = this.#flushing === undefined && this.#isForeign()
    const { length, bytes } = this.#index
    const head = this.#durableHead
    const chain = new JournalChain()
    for await (const lines of readLines(this.#file, { start: 0, end: bytes })) chain.follow(lines)
    if (chain.length !== length || chain.head !== head)
      return { isWhole: false, firstWrong: Math.min(chain.length + 1, length) }
    return isForeign ? { isWhole: false, firstWrong: length + 1 } : { isWhole: true, records: length, head }
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#file.close()
    this.#unlock()
  }

  #hasAny(first: number, last: number, { actionId }: RecordFilter): boolean {
    for (let number = first; number <= last; number += 1) if (this.#index.isOf(number, actionId)) return true
    return false
  }

  async *#between(first: number, last: number): AsyncGenerator<NumberedRecord> {
    const { start, bytes } = this.#index.range(first, last)
    let number = first
    for await (const lines of readLines(this.#file, { start, end: start + bytes })) {
      for (const line of lines) {
        yield { number, record: toRecord(number, line) }
        number += 1
      }
    }
  }

  #take(line: ByteLine): JournalRecord {
    const record = toRecord(this.length + 1, line)
    // A line that lacks only its end gets it once all is read.
    this.#index.add(record, line.latin1.length + 1)
    return record
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0)
      const error = await this.#write(batch.map(({ line }) => line).join(''))
      for (const { record, line, hash, settle } of batch) {
        if (!error) this.#index.add(record, Buffer.byteLength(line))
        if (!error) this.#durableHead = hash
        settle(error)
      }
    }
    this.#flushing = undefined
  }

  /**
   * Whether the file is another one than this instance has left. The lock keeps other instances out, but a lock can be
   * deleted, a file can have two names, and what is written to a deleted one is lost. Asked without a detour over other
   * threads, which would cost every send more than the two looks.
   */
  #isForeign(): boolean {
    const ours = fstatSync(this.#file.fd, { bigint: true })
    const named = statSync(this.#path, { bigint: true, throwIfNoEntry: false })
    return named?.ino !== ours.ino || ours.size !== BigInt(this.#index.bytes)
  }

  /** After one failed write the file may end in half a line, so nothing more is taken until the next start. */
  async #write(lines: string): Promise<AppError | undefined> {
    if (this.#failure) return this.#failure
    try {
      if (this.#isForeign()) throw new Error('Somebody else has written to the journal, or moved it away.')
      await this.#file.appendFile(lines, 'utf8')
      await this.#file.datasync()
      return undefined
    } catch (cause) {
      this.#failure = fault('journal-unwritable', {}, { cause })
      return this.#failure
    }
  }
}

/**
 * A crash can leave the beginning of a line: nobody was told that it is durable, and nothing was sent because of it.
 * Such a piece has no line end; a bad line that has one was whole, and somebody changed it.
 */
async function mendTail(file: FileHandle, path: string, chain: JournalChain): Promise<void> {
  if (chain.lacksEnd) await file.appendFile('\n')
  if (!chain.broken) return
  if (chain.broken.hasEnd) throw changed(chain.length + 1)
  await truncate(path, chain.bytes)
}

function toRecord(number: number, line: ByteLine): JournalRecord {
  try {
    return readRecord(line)
  } catch (cause) {
    throw fault('journal-newer', { number }, { cause })
  }
}

function isWanted(record: JournalRecord, { actionId, deviceId }: RecordFilter): boolean {
  if (actionId !== undefined && record.actionId !== actionId) return false
  return deviceId === undefined || ('deviceId' in record && record.deviceId === deviceId)
}

function inUse(): AppError {
  return fault('journal-in-use')
}

function changed(number: number): AppError {
  return fault('journal-changed', { number })
}
