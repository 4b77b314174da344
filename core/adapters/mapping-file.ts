import { readFile } from 'node:fs/promises'
import type { MappingStore } from '../ports/mapping-store.ts'
import { replaceFile } from './durable-file.ts'

/** A copy of the user's mapping file among the app's own files: the original may move. */
export class MappingFileStore implements MappingStore {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  save(text: string): Promise<void> {
    return replaceFile(this.#path, text)
  }
}
