import { chmod, mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** How long the look of `isFolderLocked`, which takes no longer than a moment, may hold up a start. */
const patienceMs = 1_000

/**
 * Claims the state folder for this process until it ends, however it ends. Two agents on one record would each
 * perform the same action. Node has no flock(2) of its own: the lock is the one that SQLite takes on an empty file,
 * which the kernel releases and no other user can take. Rejects when another process has it.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = lockPath(folder)
  const lock = new DatabaseSync(path, { timeout: patienceMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw isBusy(error) ? new Error(`another agent is running on ${folder}`, { cause: error }) : error
  }
  await chmod(path, 0o600)
  return () => {
    lock.close()
  }
}

/** Whether an agent is running on this folder. Throws when the lock may not be read. */
export function isFolderLocked(folder: string): boolean {
  const path = lockPath(folder)
  if (!existsSync(path)) return false
  const lock = new DatabaseSync(path, { readOnly: true })
  try {
    lock.exec('SELECT 1 FROM sqlite_schema')
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    lock.close()
  }
}

function lockPath(folder: string): string {
  return join(folder, 'agent.lock')
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
