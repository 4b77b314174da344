import { open } from 'node:fs/promises'
import { fileLock } from '../domain/update-lock.ts'

/** A reason is short: no more of the file is read. */
const longestReasonBytes = 1024

/** Says why the file at `path` forbids destructive actions; undefined when it is not there. Never rejects. */
export function lockFile(path: string): () => Promise<string | undefined> {
  return async () => {
    try {
      const file = await open(path, 'r')
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(longestReasonBytes))
        return fileLock(buffer.toString('utf8', 0, bytesRead))
      } finally {
        await file.close()
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      // A lock that cannot be read is a lock: whoever put it there did not mean to allow anything.
      return 'the update lock of this device cannot be read'
    }
  }
}
