import type { FileHandle } from 'node:fs/promises'

/** A whole line of the file, without its end. */
export interface TextLine {
  readonly text: string
  /** With its end. */
  readonly bytes: number
  /** The last piece of a file that a crash has cut has none. */
  readonly hasEnd: boolean
}

const chunkBytes = 1 << 20
const lineEnd = 0x0a

/** The lines between two places of a file, in blocks: a journal of a million records is read in one go. */
export async function* readLines(
  file: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<readonly TextLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  for (let at = start; at < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    if (bytesRead === 0) break
    at += bytesRead
    const text = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    const last = text.lastIndexOf(lineEnd) + 1
    yield split(text.subarray(0, last))
    rest = text.subarray(last)
  }
  if (rest.length > 0) yield [{ text: rest.toString('utf8'), bytes: rest.length, hasEnd: false }]
}

function split(text: Buffer): TextLine[] {
  const lines: TextLine[] = []
  for (let start = 0; start < text.length;) {
    const end = text.indexOf(lineEnd, start)
    lines.push({ text: text.toString('utf8', start, end), bytes: end + 1 - start, hasEnd: true })
    start = end + 1
  }
  return lines
}
