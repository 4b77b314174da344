import rhea from 'rhea'
import { FrameError } from './frame-watch.ts'

/** How rhea reads values, as far as its bounds are concerned. */
interface ValueReader {
  read(): unknown
  read_value(type: ValueType): unknown
  remaining(): number
  read_n(count: number): unknown[]
  read_array_items(count: number, type: ValueType): unknown[]
}

interface ValueType {
  /** Bytes of a value, or of the length that precedes it; none for a value that its type says already. */
  readonly width: number
}

/**
 * A list or an array says how many values it has, up to four billion, and rhea believes it: it makes room for all of
 * them, and reads an array of values without bytes for ever. A dozen bytes, in a frame or in a message, would fill the
 * memory. With this, reading takes no more than what has come; it is the same for all connections of the process.
 */
export function boundReader(): void {
  const reader = (rhea.types as unknown as { Reader: { prototype: ValueReader } }).Reader.prototype
  reader.read_n = readList
  reader.read_array_items = readArray
}

/** Each value takes a byte at least, and the first that is not there throws. */
function readList(this: ValueReader, count: number): unknown[] {
  const items: unknown[] = []
  while (items.length < count) items.push(this.read())
  return items
}

function readArray(this: ValueReader, count: number, type: ValueType): unknown[] {
  if (count * Math.max(type.width, 1) > this.remaining()) {
    throw new FrameError(`An array of ${count} values is larger than its frame.`)
  }
  const items: unknown[] = []
  while (items.length < count) items.push(this.read_value(type))
  return items
}
