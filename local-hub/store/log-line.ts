import { crc32 } from 'node:zlib'
import { parseJson } from '../hub/json.ts'

/** What belongs together: it is kept as a whole or not at all. */
export interface LogLine {
  /** Counts from 0 without a gap. */
  readonly number: number
  readonly content: unknown
}

/** `<CRC-32> <length> <number> <content as JSON>` and a newline; JSON has none within. */
export function writeLine({ number, content }: LogLine): Buffer {
  const text = Buffer.from(`${number} ${JSON.stringify(content)}\n`)
  return Buffer.concat([Buffer.from(`${checksumOf(text)} ${text.length} `), text])
}

/** `undefined` when these bytes, newline included, are not what was written. */
export function readLine(bytes: Buffer): LogLine | undefined {
  const start = startOf(bytes)
  if (!start) return undefined
  const text = bytes.subarray(start.at)
  if (text.length !== start.length || checksumOf(text) !== start.checksum) return undefined
  const space = text.indexOf(' ')
  // What carries the right checksum is what was written: it is JSON.
  return { number: Number(text.subarray(0, space)), content: parseJson(text.subarray(space + 1)) }
}

/** Whether more bytes could have made a line of these. */
export function isBeginningOfLine(bytes: Buffer): boolean {
  const start = startOf(bytes)
  return start === undefined || bytes.length - start.at <= start.length
}

function startOf(bytes: Buffer): { checksum: string; length: number; at: number } | undefined {
  const [start, checksum = '', length] = /^([0-9a-f]{8}) (\d+) /.exec(bytes.toString('latin1', 0, 32)) ?? []
  return start === undefined ? undefined : { checksum, length: Number(length), at: start.length }
}

function checksumOf(text: Buffer): string {
  return crc32(text).toString(16).padStart(8, '0')
}
