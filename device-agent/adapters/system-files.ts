import { mkdir, open, readFile, rename } from 'node:fs/promises'
import type { Files } from '../ports/files.ts'

export const systemFiles = filesOfMode(0o600)

/** Everyone may read what is written by these. */
export const publicFiles = filesOfMode(0o644)

function filesOfMode(mode: number): Files {
  return {
    async read(path) {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async create(path) {
      const file = await open(path, 'w', mode)
      return {
        write: (text) => file.writeFile(text),
        sync: () => file.sync(),
        close: () => file.close(),
      }
    },
    rename,
    async makeFolder(path) {
      await mkdir(path, { recursive: true, mode: 0o700 })
    },
    /** Windows neither needs nor allows to open one. */
    async syncFolder(path) {
      if (process.platform === 'win32') return
      const folder = await open(path, 'r')
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    },
  }
}
