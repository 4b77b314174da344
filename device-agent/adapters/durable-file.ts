import { dirname } from 'node:path'
import type { Files } from '../ports/files.ts'
import { systemFiles } from './system-files.ts'

/** Replaces a file so that after a power cut there is either the whole old or the whole new one. */
export async function writeDurably(path: string, text: string, files: Files = systemFiles): Promise<void> {
  const draft = `${path}.tmp`
  const file = await files.create(draft)
  try {
    await file.write(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(draft, path)
  // The name is durable only when its folder is.
  await files.syncFolder(dirname(path))
}
