import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataFolderUnusable } from './data-folder-unusable.ts'

/**
 * Claims the folder for this process until it ends, however it ends. Node has no flock(2) of its own: the lock is
 * the one that SQLite takes on an empty file, which the system releases. Throws DataFolderUnusable.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = join(folder, 'hub.lock')
  const lock = new DatabaseSync(path)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw isBusy(cause) ? new DataFolderUnusable(`Another hub is running on ${folder}.`, { cause }) : cause
  }
  await chmod(path, 0o600)
  return () => {
    lock.close()
  }
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
