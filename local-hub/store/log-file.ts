import { open, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from './change.ts'
import { writeLine } from './log-line.ts'
import { readLog } from './read-log.ts'
import type { LogHeader } from './read-log.ts'

/** Changes on a line of a snapshot: enough to be quick, few enough not to hold up the rest of the hub. */
const changesPerLine = 250

/** The file of a hub: a snapshot, then every change since, each line synced before the next is begun. */
export class LogFile {
  readonly generation: number
  readonly snapshotBytes: number
  readonly #folder: string
  readonly #file: FileHandle
  #lineCount: number
  #byteCount: number

  private constructor(folder: string, file: FileHandle, position: LogPosition) {
    this.#folder = folder
    this.#file = file
    this.generation = position.generation
    this.snapshotBytes = position.snapshotBytes
    this.#lineCount = position.lineCount
    this.#byteCount = position.byteCount
  }

  /** Reads the newest log of a folder, or begins the first one. Throws DataFolderUnusable. */
  static async open(folder: string): Promise<{ log: LogFile; kept: Map<string, Change> }> {
    const [newest, ...left] = await generationsIn(folder)
    for (const generation of left) await rm(pathOf(folder, generation))
    if (newest === undefined) return { log: await LogFile.create(folder), kept: new Map() }
    const path = pathOf(folder, newest)
    const { kept, ...content } = await readLog(path)
    const file = await open(path, 'a', 0o600)
    await file.truncate(content.byteCount)
    await file.sync()
    return { log: new LogFile(folder, file, { generation: newest, ...content }), kept }
  }

  /** Begins a log with all that is kept. It counts only once it is published. */
  static async draft(folder: string, generation: number, changes: readonly Change[]): Promise<LogFile> {
    const file = await open(draftOf(folder, generation), 'w', 0o600)
    const snapshotLines = Math.ceil(changes.length / changesPerLine)
    const header: LogHeader = { format: 'drover-local-hub', version: 1, snapshotLines }
    const lines = [header, ...Array.from({ length: snapshotLines }, (_, line) => line * changesPerLine)]
    let byteCount = 0
    for (const [number, line] of lines.entries()) {
      const content = typeof line === 'number' ? changes.slice(line, line + changesPerLine) : line
      const bytes = writeLine({ number, content })
      await file.appendFile(bytes)
      byteCount += bytes.length
    }
    const position = { generation, lineCount: lines.length, byteCount, snapshotBytes: byteCount }
    return new LogFile(folder, file, position)
  }

  private static async create(folder: string): Promise<LogFile> {
    const log = await LogFile.draft(folder, 1, [])
    await log.publish()
    return log
  }

  get byteCount(): number {
    return this.#byteCount
  }

  /** Resolves when the changes survive a crash: all of them, or, after a crash meanwhile, none. */
  async append(changes: readonly Change[]): Promise<void> {
    const bytes = writeLine({ number: this.#lineCount, content: changes })
    await this.#file.appendFile(bytes)
    await this.#file.datasync()
    this.#lineCount += 1
    this.#byteCount += bytes.length
  }

  /** Makes a draft the log of its folder, all at once. */
  async publish(): Promise<void> {
    await this.#file.sync()
    await rename(draftOf(this.#folder, this.generation), pathOf(this.#folder, this.generation))
    await syncFolder(this.#folder)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Of a log that another one has replaced. */
  async remove(): Promise<void> {
    await this.close()
    await rm(pathOf(this.#folder, this.generation))
  }
}

interface LogPosition {
  readonly generation: number
  readonly lineCount: number
  readonly byteCount: number
  readonly snapshotBytes: number
}

function pathOf(folder: string, generation: number): string {
  return join(folder, `hub-${generation}.log`)
}

function draftOf(folder: string, generation: number): string {
  return join(folder, `hub-${generation}.draft`)
}

/** The newest first. */
async function generationsIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder)
  const generations = names.flatMap((name) => /^hub-(\d+)\.log$/.exec(name)?.[1] ?? [])
  return generations.map(Number).sort((left, right) => right - left)
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
