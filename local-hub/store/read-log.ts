import { createReadStream } from 'node:fs'
import { applyChange } from './change.ts'
import type { Change } from './change.ts'
import { DataFolderUnusable } from './data-folder-unusable.ts'
import { isBeginningOfLine, readLine } from './log-line.ts'
import type { LogLine } from './log-line.ts'

/** The first line of a log. */
export interface LogHeader {
  readonly format: 'drover-local-hub'
  readonly version: 1
  /** How many of the lines that follow were written before the log got its name: they cannot be torn. */
  readonly snapshotLines: number
}

export interface LogContent {
  readonly kept: Map<string, Change>
  /** Whole lines, the header included: the number of the next one. */
  readonly lineCount: number
  /** Bytes of them; what follows was never acknowledged, and can be cut off. */
  readonly byteCount: number
  readonly snapshotBytes: number
}

/**
 * What a log keeps. Lines are written and synced one after the other, so that only the last one can be torn; it was
 * never acknowledged, and is left out. Throws DataFolderUnusable when there is damage anywhere else.
 */
export async function readLog(path: string): Promise<LogContent> {
  const reader = new LogReader(path)
  for await (const bytes of linesOf(path)) reader.take(bytes)
  return reader.content()
}

class LogReader {
  readonly #path: string
  readonly #kept = new Map<string, Change>()
  #lineCount = 0
  #byteCount = 0
  #snapshotLines = 0
  #snapshotBytes = 0
  #isTorn = false

  constructor(path: string) {
    this.#path = path
  }

  take(bytes: Buffer): void {
    if (this.#isTorn) throw damaged(this.#path, this.#lineCount)
    const line = readLine(bytes)
    if (line?.number === this.#lineCount) return this.#takeLine(line, bytes.length)
    if (!isBeginningOfLine(bytes)) throw damaged(this.#path, this.#lineCount)
    this.#isTorn = true
  }

  content(): LogContent {
    if (this.#lineCount <= this.#snapshotLines) throw damaged(this.#path, this.#lineCount)
    return {
      kept: this.#kept,
      lineCount: this.#lineCount,
      byteCount: this.#byteCount,
      snapshotBytes: this.#snapshotBytes,
    }
  }

  #takeLine({ number, content }: LogLine, byteCount: number): void {
    if (number === 0) this.#snapshotLines = headerOf(this.#path, content).snapshotLines
    else for (const change of content as readonly Change[]) applyChange(this.#kept, change)
    this.#lineCount += 1
    this.#byteCount += byteCount
    if (number <= this.#snapshotLines) this.#snapshotBytes = this.#byteCount
  }
}

function headerOf(path: string, content: unknown): LogHeader {
  const { version } = content as { version: unknown }
  if (version === 1) return content as LogHeader
  throw new DataFolderUnusable(`${path} was written by a newer version of the local hub.`)
}

function damaged(path: string, lineCount: number): DataFolderUnusable {
  return new DataFolderUnusable(
    `${path} is damaged at line ${lineCount + 1}. Put it back from a copy, or choose another folder.`,
  )
}

/** The lines, each with its newline, and what follows the last of them unless that is nothing. */
async function* linesOf(path: string): AsyncIterable<Buffer> {
  let started: Buffer[] = []
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const chunk = part as Buffer
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...started, chunk.subarray(start, end + 1)])
      started = []
      start = end + 1
    }
    if (start < chunk.length) started.push(chunk.subarray(start))
  }
  if (started.length > 0) yield Buffer.concat(started)
}
