import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file so that after a power cut there is either the whole old or the whole new one. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** The name is durable only when its folder is; Windows neither needs nor allows to open one. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
