import type { Files } from '../ports/files.ts'

/** What was written to a disk in memory, and how often it was told to make it last. */
export interface MeteredFiles extends Files {
  readonly bytes: number
  readonly syncs: number
}

export function meteredFiles(): MeteredFiles {
  const contents = new Map<string, string>()
  let [bytes, syncs] = [0, 0]
  const sync = (): Promise<void> => {
    syncs += 1
    return Promise.resolve()
  }
  return {
    get bytes() {
      return bytes
    },
    get syncs() {
      return syncs
    },
    read: (path) => Promise.resolve(contents.get(path)),
    create: (path) =>
      Promise.resolve({
        write(text) {
          bytes += Buffer.byteLength(text)
          contents.set(path, text)
          return Promise.resolve()
        },
        sync,
        close: () => Promise.resolve(),
      }),
    rename(from, to) {
      contents.set(to, contents.get(from) ?? '')
      contents.delete(from)
      return Promise.resolve()
    },
    makeFolder: () => Promise.resolve(),
    syncFolder: sync,
  }
}
