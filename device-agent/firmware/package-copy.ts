import { createHash } from 'node:crypto'
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemFiles } from '../adapters/system-files.ts'
import { isDiskFull } from './disk-space.ts'
import { hashFile } from './file-hash.ts'
import { FirmwareError } from './problem.ts'

export interface SignedContent {
  /** In hexadecimal. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
}

const bufferBytes = 1024 * 1024

/**
 * Makes `target` a durable copy of what was signed, out of a file that somebody may be changing meanwhile: the bytes
 * that are hashed are the ones that were written. What is there already and right is left. Rejects with a
 * `FirmwareError`, and the target is then no other file than before.
 */
export async function copySigned(
  openSource: () => Promise<FileHandle>,
  target: string,
  content: SignedContent,
): Promise<void> {
  if (await holds(target, content)) return
  const source = await openSource()
  const draft = `${target}.new`
  try {
    const sha256 = await pour(source, draft, content.size)
    if (sha256 !== content.sha256)
      throw new FirmwareError('wrong-hash', 'the package that was downloaded is not the one that was signed')
    await rename(draft, target)
    await systemFiles.syncFolder(dirname(target))
  } catch (error) {
    throw isDiskFull(error) ? new FirmwareError('no-space', 'the disk is full', { cause: error }) : error
  } finally {
    await source.close()
    await rm(draft, { force: true })
  }
}

async function holds(path: string, { size, sha256 }: SignedContent): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.size === size && (await hashFile(path)).digest('hex') === sha256
}

/** Resolves with the hash of what is on the disk then: of so many bytes, and not one more. */
async function pour(source: FileHandle, path: string, size: number): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(bufferBytes)
  const copy = await open(path, 'w', 0o600)
  try {
    for (let done = 0; done < size;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(bufferBytes, size - done), done)
      if (bytesRead === 0) throw new FirmwareError('wrong-size', `the disk has ${done} bytes of ${size}`)
      const piece = buffer.subarray(0, bytesRead)
      hash.update(piece)
      await copy.writeFile(piece)
      done += bytesRead
    }
    await copy.sync()
  } finally {
    await copy.close()
  }
  return hash.digest('hex')
}
