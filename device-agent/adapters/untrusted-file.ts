import { constants, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Files } from '../ports/files.ts'

/** The record of an agent stays far below. */
const mostTextBytes = 4 * 1024 * 1024

/**
 * Opens a file that another user can replace at any time, on behalf of a process that may read everything: it must be
 * a plain file of `owner`. No link in its place is followed, and no pipe is waited for. What is read through it is only
 * what the owner could have read.
 */
export async function openUntrusted(path: string, owner: number): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const problem = problemOf(await file.stat(), owner)
    if (problem !== undefined) throw new Error(`${path} ${problem}`)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function problemOf(found: Stats, owner: number): string | undefined {
  if (!found.isFile()) return 'is no plain file'
  return found.uid === owner ? undefined : 'belongs to another user'
}

/** Reads texts of whoever owns the folder that they are in. */
export const untrustedFiles: Pick<Files, 'read'> = {
  async read(path) {
    try {
      const { uid } = await stat(dirname(path))
      const file = await openUntrusted(path, uid)
      try {
        const { size } = await file.stat()
        if (size > mostTextBytes) throw new Error(`${path} is too large`)
        return await file.readFile('utf8')
      } finally {
        await file.close()
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  },
}
