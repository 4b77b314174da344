import { backoffMs, type Backoff } from '../domain/backoff.ts'
import type { Clock } from '../ports/clock.ts'
import type { Batches } from './body-batches.ts'
import { isDiskFull, reserveSpace } from './disk-space.ts'
import { requestPackage, UnusablePartError, withoutQuery, type PackageConnection } from './package-source.ts'
import { openPartialFile, type PartialFile } from './partial-file.ts'
import { FirmwareError } from './problem.ts'
import { watchSpeed, type SpeedLimit } from './speed-limit.ts'

export interface DownloadLimits {
  readonly answerTimeoutMs: number
  readonly speed: SpeedLimit
  readonly backoff: Backoff
  /** After so long without the whole package the download has failed. */
  readonly patienceMs: number
  /** The most that a package of unknown size may have, in bytes. */
  readonly mostBytes: number
}

export const defaultDownloadLimits: DownloadLimits = {
  answerTimeoutMs: 30_000,
  speed: { bytesPerSecond: 256, windowMs: 60_000, tries: 3 },
  backoff: { baseMs: 1_000, capMs: 60_000 },
  patienceMs: 24 * 3_600_000,
  mostBytes: 2 * 1024 ** 3,
}

export interface Download {
  readonly address: string
  /** In bytes, where it is known before. */
  readonly size: number | undefined
  /** In hexadecimal, where it is known before. */
  readonly sha256: string | undefined
  readonly folder: string
  /** Where the package will be once more, if so: there must be room for it too. */
  readonly copyFolder?: string | undefined
  readonly bootId: string
  readonly connection: PackageConnection
  readonly limits: DownloadLimits
  readonly clock: Clock
  readonly random: () => number
  /** Called with the bytes that are there and all that there will be, if that is known. */
  readonly onProgress?: (received: number, total: number | undefined) => void
}

export interface DownloadedPackage {
  readonly path: string
  readonly sha256: string
  readonly size: number
}

/** A server whose file changes more often than this while it is read does not have one that can be read. */
const mostChanges = 5

/**
 * Gets the whole package to the disk, over as many connections as it takes, and resumes what an earlier start began.
 * Rejects with a `FirmwareError` that says why it cannot, or when aborted; what is there then stays for the next time.
 */
export async function downloadPackage(download: Download, signal: AbortSignal): Promise<DownloadedPackage> {
  const { folder, copyFolder, bootId, sha256, size } = download
  const packageKey = sha256 ?? withoutQuery(download.address)
  const part = await openPartialFile({ folder, bootId, packageKey })
  try {
    if (size !== undefined && part.offset > size) await part.restart(undefined)
    await reserveSpace(part.path, { size: size ?? 0, offset: part.offset, copyFolder })
    if (part.offset === 0 || part.offset !== size) await receiveAll(download, part, signal)
    await part.sync()
    return await checkHash(part, sha256)
  } catch (error) {
    throw isDiskFull(error) ? new FirmwareError('no-space', 'the disk is full', { cause: error }) : error
  } finally {
    await part.close()
  }
}

/** Tries until the package is complete, the trouble is one that stays, or the patience is over. */
async function receiveAll(download: Download, part: PartialFile, signal: AbortSignal): Promise<void> {
  const { clock, limits, random } = download
  const startedAt = clock.uptime()
  const trouble = new Trouble(limits)
  for (;;) {
    const before = part.offset
    try {
      await receiveOnce(download, part, signal)
      return
    } catch (error) {
      signal.throwIfAborted()
      // Checked first: a disk that is full is not the fault of a connection.
      if (error instanceof FirmwareError || isDiskFull(error)) throw error
      trouble.add(error, part.offset > before)
      if (clock.uptime() - startedAt >= limits.patienceMs)
        throw new FirmwareError(
          'download-failed',
          `not complete in time; the last trouble: ${messageOf(error)}`,
        )
      if (error instanceof UnusablePartError) await part.restart(undefined)
    }
    await clock.sleep(backoffMs(trouble.inARow, limits.backoff, random), signal)
  }
}

/** Counts what goes wrong, and throws when it is more than a bad line. */
class Trouble {
  inARow = 0
  #slow = 0
  #changes = 0
  readonly #limits: DownloadLimits

  constructor(limits: DownloadLimits) {
    this.#limits = limits
  }

  add(error: unknown, hasProgress: boolean): void {
    this.inARow = hasProgress ? 0 : this.inARow + 1
    this.#slow = error instanceof SlowError ? this.#slow + 1 : 0
    this.#changes += error instanceof UnusablePartError ? 1 : 0
    if (this.#slow >= this.#limits.speed.tries)
      throw new FirmwareError(
        'slow-download',
        `slower than ${this.#limits.speed.bytesPerSecond} bytes a second`,
      )
    if (this.#changes > mostChanges)
      throw new FirmwareError('changing-package', 'the file changes again and again while it is read')
  }
}

class SlowError extends Error {}

async function receiveOnce(download: Download, part: PartialFile, signal: AbortSignal): Promise<void> {
  const { address, connection, limits, clock } = download
  const { offset, etag } = part
  const resume = offset > 0 && etag !== undefined ? { offset, etag } : undefined
  const { answerTimeoutMs } = limits
  const response = await requestPackage({ address, resume, connection, answerTimeoutMs, signal })
  const watch = watchSpeed(limits.speed, clock, () => {
    response.drop(new SlowError('the download is too slow'))
  })
  try {
    // The file has changed, or cannot be resumed. Either way what is there is not the beginning of what comes.
    if (resume !== undefined && response.offset === 0 && response.etag !== etag) throw new UnusablePartError()
    if (response.offset === 0) await part.restart(response.etag)
    const total = checkSize(response.total, download)
    await pour(response.body, { part, download, total, onBytes: watch.count })
  } finally {
    watch.stop()
    response.drop()
  }
}

interface Pour {
  readonly part: PartialFile
  readonly download: Download
  readonly total: number | undefined
  readonly onBytes: (count: number) => void
}

/** More than what was promised is not written: nobody fills this disk. */
async function pour(body: Batches, { part, download, total, onBytes }: Pour): Promise<void> {
  const most = total ?? download.limits.mostBytes
  for await (const batch of body) {
    const count = batch.reduce((sum, chunk) => sum + chunk.length, 0)
    onBytes(count)
    if (part.offset + count > most)
      throw new FirmwareError('endless-data', `the server sends more than the ${most} bytes of the package`)
    await part.append(batch)
    download.onProgress?.(part.offset, total)
  }
  if (total !== undefined && part.offset < total)
    throw new FirmwareError(
      'wrong-size',
      `the server sends ${part.offset} bytes, and the package has ${total}`,
    )
}

/** What there will be, in bytes. Throws when the server has another size than the package. */
function checkSize(announced: number | undefined, { size, limits }: Download): number | undefined {
  const most = size ?? limits.mostBytes
  if (announced !== undefined && announced > most)
    throw new FirmwareError(
      'endless-data',
      `the server has ${announced} bytes, and the package ${most} at most`,
    )
  if (announced !== undefined && size !== undefined && announced < size)
    throw new FirmwareError('wrong-size', `the server has ${announced} bytes, and the package ${size}`)
  return size ?? announced
}

async function checkHash(part: PartialFile, expected: string | undefined): Promise<DownloadedPackage> {
  const sha256 = part.digest()
  const { path, offset: size } = part
  if (expected === undefined || sha256 === expected) return { path, sha256, size }
  // Nothing of it is good for another try.
  await part.restart(undefined)
  throw new FirmwareError('wrong-hash', `the SHA-256 of the package is ${sha256}, and ${expected} was signed`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
