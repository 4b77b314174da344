import { isAscii } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'

/** A whole line of the file, byte for byte. */
export interface ByteLine {
  /** Without its end. Each character stands for one byte, so that nothing is lost of what is no UTF-8. */
  readonly latin1: string
  /** Then the characters are what the bytes mean, too. */
  readonly isAscii: boolean
  /** The last piece of a file that a crash has cut has none. */
  readonly hasEnd: boolean
}

interface Range {
  readonly start: number
  readonly end: number
}

const chunkBytes = 1 << 16
const lineEnd = '\n'

/** The lines between two places of a file, in blocks: a journal of a million records is read in one go. */
export async function* readLines(file: FileHandle, range: Range): AsyncGenerator<readonly ByteLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of readChunks(file, range)) {
    const block = Buffer.concat([rest, chunk])
    const last = block.lastIndexOf(lineEnd) + 1
    yield split(block.subarray(0, last))
    rest = block.subarray(last)
  }
  if (rest.length > 0) yield [{ ...textOf(rest), hasEnd: false }]
}

/** While one is looked at, the disk has the next one to do. */
async function* readChunks(file: FileHandle, { start, end }: Range): AsyncGenerator<Buffer> {
  let next = readChunk(file, { start, end })
  for (let at = start; at < end;) {
    const chunk = await next
    if (chunk.length === 0) return
    at += chunk.length
    next = readChunk(file, { start: at, end })
    // Whoever awaits it hears of its failure; one who stops before does not want to know.
    next.catch(() => undefined)
    yield chunk
  }
}

async function readChunk(file: FileHandle, { start, end }: Range): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - start))
  const { bytesRead } = await file.read(chunk, 0, chunk.length, start)
  return chunk.subarray(0, bytesRead)
}

function split(block: Buffer): ByteLine[] {
  const { latin1, isAscii } = textOf(block)
  const lines: ByteLine[] = []
  for (let start = 0; start < latin1.length;) {
    const end = latin1.indexOf(lineEnd, start)
    lines.push({ latin1: latin1.slice(start, end), isAscii, hasEnd: true })
    start = end + 1
  }
  return lines
}

/** A text is taken out of the bytes once for many lines: a buffer for each of a million lines takes longer than reading them. */
function textOf(bytes: Buffer): Omit<ByteLine, 'hasEnd'> {
  return { latin1: bytes.toString('latin1'), isAscii: isAscii(bytes) }
}
