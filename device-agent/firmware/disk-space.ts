import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { FirmwareError } from './problem.ts'

/** What the rest of the system needs to go on writing meanwhile. */
const spareBytes = 16 * 1024 * 1024

/**
 * Makes sure that a file can grow to `size` bytes: by fallocate(1), which sets the blocks aside, where the system and
 * the file system have it; otherwise by what is free now. Rejects with `no-space`.
 */
export async function reserveSpace(
  path: string,
  { size, offset }: { size: number; offset: number },
): Promise<void> {
  const free = await freeBytes(dirname(path))
  const needed = size - offset
  if (free < needed + spareBytes)
    throw new FirmwareError('no-space', `the package needs ${needed} bytes more, and ${free} are free`)
  // Without it nothing is lost but the promise: the download itself finds out.
  await promisify(execFile)('fallocate', ['-n', '-l', String(size), path]).catch(() => undefined)
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
