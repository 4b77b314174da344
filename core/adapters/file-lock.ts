import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** How long to wait for one who only looks. */
const patienceMs = 200

/**
 * Claims a file for this process until it ends, however it ends, and returns how to give it back; undefined when
 * another has it. Node has no flock(2) of its own: the lock is the one that SQLite takes on an empty file.
 */
export function lockFile(path: string): (() => void) | undefined {
  const lock = new DatabaseSync(path, { timeout: patienceMs })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return undefined
    throw error
  }
  chmodSync(path, 0o600)
  return () => lock.close()
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
