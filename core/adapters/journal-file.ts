import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, truncate, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { AppError } from '../../contract/errors.ts'
import { JournalRecord } from '../domain/journal-record.ts'
import type { Journal } from '../ports/journal.ts'
import { syncFolder } from './durable-file.ts'

/** What the first record is chained to. */
const genesis = '0'.repeat(64)

interface Queued {
  readonly line: string
  readonly settle: (error: AppError | undefined) => void
}

/**
 * The journal as a text file: one record a line, `<hash> <json>`, where the hash covers the one before it. A changed,
 * dropped or moved record breaks the chain. Records that come while the disk is busy share the next flush.
 */
export class JournalFile implements Journal {
  readonly #path: string
  readonly #file: FileHandle
  readonly #queue: Queued[] = []
  #head: string
  #flushing: Promise<void> | undefined
  #failure: AppError | undefined

  private constructor(path: string, file: FileHandle, head: string) {
    this.#path = path
    this.#file = file
    this.#head = head
  }

  /** Errors: `internal` when a record before the last was changed; the file is left as it is. */
  static async open(path: string): Promise<JournalFile> {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a', 0o600)
    const chained = await verify(path)
    await mendTail(file, path, chained)
    await syncFolder(dirname(path))
    return new JournalFile(path, file, chained.head)
  }

  async *read(): AsyncGenerator<JournalRecord> {
    for await (const { json } of chain(this.#path)) yield JournalRecord.parse(JSON.parse(json))
  }

  append(record: JournalRecord): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const json = JSON.stringify(record)
    this.#head = link(this.#head, json)
    const line = `${this.#head} ${json}\n`
    return new Promise((resolve, reject) => {
      this.#queue.push({ line, settle: (error) => (error ? reject(error) : resolve()) })
      this.#flushing ??= this.#flush()
    })
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0)
      const error = await this.#write(batch.map(({ line }) => line).join(''))
      for (const { settle } of batch) settle(error)
    }
    this.#flushing = undefined
  }

  /** After one failed write the file may end in half a line, so nothing more is taken until the next start. */
  async #write(lines: string): Promise<AppError | undefined> {
    if (this.#failure) return this.#failure
    try {
      await this.#file.appendFile(lines, 'utf8')
      await this.#file.datasync()
      return undefined
    } catch (cause) {
      this.#failure = new AppError('internal', 'The journal cannot be written, so nothing more is sent.', {
        cause,
        nextStep: 'Check that the disk is not full, then start Drover again.',
      })
      return this.#failure
    }
  }
}

function link(previous: string, json: string): string {
  return createHash('sha256').update(previous).update(json).digest('hex')
}

/** The whole lines of the file, each checked against the one before. */
async function* chain(path: string): AsyncGenerator<{ json: string; hash: string; bytes: number }> {
  let previous = genesis
  let number = 0
  let isBroken = false
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    number += 1
    // Half a line may only be the last one: a good line after a bad one means that other hands were at it.
    if (isBroken) throw changed(number - 1)
    const hash = line.slice(0, 64)
    const json = line.slice(65)
    if (hash !== link(previous, json)) {
      isBroken = true
      continue
    }
    previous = hash
    yield { json, hash, bytes: Buffer.byteLength(line) + 1 }
  }
}

interface Chained {
  readonly head: string
  readonly records: number
  /** How long the file is up to and with the last good record. */
  readonly bytes: number
}

async function verify(path: string): Promise<Chained> {
  let chained: Chained = { head: genesis, records: 0, bytes: 0 }
  for await (const { hash, bytes } of chain(path)) {
    chained = { head: hash, records: chained.records + 1, bytes: chained.bytes + bytes }
  }
  return chained
}

/**
 * A crash can leave the beginning of a line: nobody was told that it is durable, and nothing was sent because of it.
 * Such a piece has no line end; a bad line that has one was whole, and somebody changed it.
 */
async function mendTail(file: FileHandle, path: string, { bytes, records }: Chained): Promise<void> {
  const { size } = await file.stat()
  if (size === bytes) return
  if (size === bytes - 1) return file.appendFile('\n')
  if (await endsWithLineEnd(path, size)) throw changed(records + 1)
  await truncate(path, bytes)
}

async function endsWithLineEnd(path: string, size: number): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer.toString() === '\n'
  } finally {
    await file.close()
  }
}

function changed(number: number): AppError {
  return new AppError('internal', `Record ${number} of the journal was changed by other hands.`, {
    nextStep: 'Move the journal file away to begin a new one; keep it if it is evidence.',
  })
}
