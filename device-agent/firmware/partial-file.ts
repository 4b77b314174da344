import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../adapters/durable-file.ts'
import { bufferCollector } from './collect-buffers.ts'
import { hashFile } from './file-hash.ts'

/** What is known of the bytes on the disk: durable after they are. */
const Record = z.object({
  /** Of which package they are. */
  packageKey: z.string(),
  /** The strong ETag of the file that they came from; without one nothing is resumed. */
  etag: z.string().optional(),
  /** So many are synced. */
  offset: z.number().int().nonnegative(),
  bootId: z.string(),
})
type Record = z.infer<typeof Record>

export interface PartialFileOptions {
  /** Holds this file and its record, and nothing else. */
  readonly folder: string
  /** Bytes of another package are of no use for this one. */
  readonly packageKey: string
  readonly bootId: string
  /** After so many bytes each the file is synced: a power cut costs no more. */
  readonly checkpointBytes?: number
}

/** A package on its way to the disk, hashed as it comes. One owner at a time. */
export interface PartialFile {
  readonly path: string
  /** So many bytes are there. */
  readonly offset: number
  readonly etag: string | undefined
  /** Forgets all bytes: the next ones are of the file that has this ETag. */
  restart(etag: string | undefined): Promise<void>
  append(chunks: readonly Uint8Array[]): Promise<void>
  /** Makes what is there durable. Safe to call at any time. */
  sync(): Promise<void>
  /** The SHA-256 of what is there, in hexadecimal. */
  digest(): string
  close(): Promise<void>
}

const defaultCheckpointBytes = 16 * 1024 * 1024

const collectEveryBytes = 4 * 1024 * 1024

/** Opens what an earlier start left of this package, and hashes it again: a hash cannot be kept over a restart. */
export async function openPartialFile(options: PartialFileOptions): Promise<PartialFile> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const path = join(options.folder, 'package')
  const record = await readRecord(options)
  const file = await open(path, 'a+', 0o600)
  try {
    const offset = record === undefined ? 0 : await trustedLength(file, record, options.bootId)
    await file.truncate(offset)
    const hash = await hashFile(path, offset)
    return new OpenPart({ ...options, path, file, hash, offset, etag: record?.etag })
  } catch (error) {
    await file.close()
    throw error
  }
}

export async function removePartialFile(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}

interface PartState extends PartialFileOptions {
  readonly path: string
  readonly file: FileHandle
  readonly hash: Hash
  readonly offset: number
  readonly etag: string | undefined
}

class OpenPart implements PartialFile {
  readonly path: string
  readonly #options: PartialFileOptions
  readonly #file: FileHandle
  #hash: Hash
  #offset: number
  #etag: string | undefined
  #synced: number
  readonly #collect = bufferCollector(collectEveryBytes)
  /** The sync under way. Bytes keep coming meanwhile: a disk works best when it is never left without work. */
  #checkpoint: Promise<void> = Promise.resolve()

  constructor({ path, file, hash, offset, etag, ...options }: PartState) {
    this.path = path
    this.#options = options
    this.#file = file
    this.#hash = hash
    this.#offset = offset
    this.#etag = etag
    this.#synced = offset
  }

  get offset(): number {
    return this.#offset
  }

  get etag(): string | undefined {
    return this.#etag
  }

  async restart(etag: string | undefined): Promise<void> {
    await this.#checkpoint
    await this.#file.truncate(0)
    this.#hash = createHash('sha256')
    this.#offset = 0
    this.#synced = 0
    this.#etag = etag
    await this.#record(0)
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    // The disk and the hash work at the same time on the same bytes.
    const written = writeAll(this.#file, chunks)
    for (const chunk of chunks) this.#hash.update(chunk)
    const bytes = await written
    this.#offset += bytes
    this.#collect(bytes)
    if (this.#offset - this.#synced < (this.#options.checkpointBytes ?? defaultCheckpointBytes)) return
    await this.#checkpoint
    this.#checkpoint = this.#syncUpTo(this.#offset)
    // Whoever awaits it next hears of its failure.
    this.#checkpoint.catch(() => undefined)
  }

  async sync(): Promise<void> {
    await this.#checkpoint
    await this.#syncUpTo(this.#offset)
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  async close(): Promise<void> {
    try {
      await this.#checkpoint
    } finally {
      await this.#file.close()
    }
  }

  async #syncUpTo(offset: number): Promise<void> {
    this.#synced = offset
    await this.#file.datasync()
    await this.#record(offset)
  }

  async #record(offset: number): Promise<void> {
    const { folder, packageKey, bootId } = this.#options
    const record: Record = {
      packageKey,
      offset,
      bootId,
      ...(this.#etag !== undefined && { etag: this.#etag }),
    }
    await writeDurably(join(folder, 'record'), JSON.stringify(record))
  }
}

/** Resolves with the number of bytes. */
async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<number> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const { bytesWritten } = await file.writev([...chunks])
  if (bytesWritten === length) return length
  // A disk that fills up takes a part, and says why only to whoever goes on.
  const rest = Buffer.concat(chunks).subarray(bytesWritten)
  for (let done = 0; done < rest.length;) done += (await file.write(rest, done)).bytesWritten
  return length
}

/** Undefined when there is none of this package, or none that can be read: then the bytes are not used. */
async function readRecord({ folder, packageKey }: PartialFileOptions): Promise<Record | undefined> {
  try {
    const record = Record.parse(JSON.parse(await readFile(join(folder, 'record'), 'utf8')))
    return record.packageKey === packageKey && record.etag !== undefined ? record : undefined
  } catch {
    return undefined
  }
}

/** As long as the machine has not restarted, what a killed process wrote is all there, synced or not. */
async function trustedLength(file: FileHandle, record: Record, bootId: string): Promise<number> {
  const { size } = await file.stat()
  if (record.bootId === bootId) return size
  return record.offset <= size ? record.offset : 0
}
