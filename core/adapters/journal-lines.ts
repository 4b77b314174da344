import type { FileHandle } from 'node:fs/promises'

/** A whole line of the file. */
export interface ByteLine {
  /** Without its end. */
  readonly bytes: Buffer
  /** The last piece of a file that a crash has cut has none. */
  readonly hasEnd: boolean
}

const chunkBytes = 1 << 20
const lineEnd = 0x0a

/** The lines between two places of a file, in blocks: a journal of a million records is read in one go. */
export async function* readLines(
  file: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<readonly ByteLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  for (let at = start; at < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    if (bytesRead === 0) break
    at += bytesRead
    const block = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    const last = block.lastIndexOf(lineEnd) + 1
    yield split(block.subarray(0, last))
    rest = block.subarray(last)
  }
  if (rest.length > 0) yield [{ bytes: rest, hasEnd: false }]
}

function split(block: Buffer): ByteLine[] {
  const lines: ByteLine[] = []
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(lineEnd, start)
    lines.push({ bytes: block.subarray(start, end), hasEnd: true })
    start = end + 1
  }
  return lines
}
