import { execFile } from 'node:child_process'
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { FirmwareError } from './problem.ts'

/** What the rest of the system needs to go on writing meanwhile. */
const spareBytes = 16 * 1024 * 1024

/** Where a package needs room, all at the same time. */
export interface PackagePlaces {
  /** Of the download. It need not be there yet. */
  readonly folder: string
  /** Where root keeps a second one of what it installs. */
  readonly copyFolder?: string | undefined
}

export interface SpaceNeeded extends Pick<PackagePlaces, 'copyFolder'> {
  /** Of the whole package, in bytes. */
  readonly size: number
  /** So many of them are there. */
  readonly offset: number
}

/**
 * Makes sure that a file can grow to `size` bytes, and be copied then: by fallocate(1), which sets the blocks aside,
 * where the system and the file system have it; otherwise, and for the copy, by what is free now. Rejects with
 * `no-space`.
 */
export async function reserveSpace(path: string, { size, offset, copyFolder }: SpaceNeeded): Promise<void> {
  const { own, copy, isShared } = await disksOf({ folder: dirname(path), copyFolder })
  const needed = size - offset
  if (isShared) demand(own, needed + size, 'the package and the copy that root makes of it need')
  else {
    demand(own, needed, 'the package needs')
    if (copy !== undefined) demand(copy, size, `the copy that root makes in ${copy.folder} needs`)
  }
  // Without it nothing is lost but the promise: the download itself finds out.
  await promisify(execFile)('fallocate', ['-n', '-l', String(size), path]).catch(() => undefined)
}

/** The largest package that there is room for now, in bytes; 0 when there is none for any. */
export async function largestPackage(places: PackagePlaces): Promise<number> {
  const { own, copy, isShared } = await disksOf(places)
  const room = Math.min(roomOn(own), roomOn(copy ?? own))
  return isShared ? Math.floor(room / 2) : room
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

interface Disk {
  readonly folder: string
  /** Which one it is. */
  readonly device: number
  /** In bytes. */
  readonly free: number
}

async function disksOf({ folder, copyFolder }: PackagePlaces) {
  const own = await diskOf(folder)
  const copy = copyFolder === undefined ? undefined : await diskOf(copyFolder)
  return { own, copy, isShared: own.device === copy?.device }
}

/** The disk on which this folder is, or would be made. */
async function diskOf(folder: string): Promise<Disk> {
  try {
    const [{ dev }, { bavail, bsize }] = await Promise.all([stat(folder), statfs(folder)])
    return { folder, device: dev, free: bavail * bsize }
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isAbsent || dirname(folder) === folder) throw error
    return { ...(await diskOf(dirname(folder))), folder }
  }
}

function demand({ free }: Disk, needed: number, whoNeeds: string): void {
  if (free < needed + spareBytes)
    throw new FirmwareError(
      'no-space',
      `${whoNeeds} ${needed} bytes more; ${free} are free, of which ${spareBytes} have to stay free`,
    )
}

function roomOn({ free }: Disk): number {
  return Math.max(0, free - spareBytes)
}
