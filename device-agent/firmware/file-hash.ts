import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'

const bufferBytes = 1024 * 1024

/**
 * The SHA-256 of the first `length` bytes of a file, of all of it unless told otherwise, still open for more. One
 * buffer is used for all of it: a stream would leave one behind for each piece.
 */
export async function hashFile(path: string, length = Infinity): Promise<Hash> {
  const hash = createHash('sha256')
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(bufferBytes)
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(bufferBytes, length - done), done)
      if (bytesRead === 0) break
      hash.update(buffer.subarray(0, bytesRead))
      done += bytesRead
    }
  } finally {
    await file.close()
  }
  return hash
}
