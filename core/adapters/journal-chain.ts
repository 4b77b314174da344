import { hash } from 'node:crypto'
import { genesis, hashLength } from './journal-line.ts'
import type { ByteLine } from './journal-lines.ts'

const space = 0x20

/**
 * Follows the chain of a journal through its lines, up to the first that does not follow the one before. What counts is
 * every byte, not what it stands for: two texts that read the same may differ in their bytes.
 */
export class JournalChain {
  /** The hash of a record covers the one before it, then its own bytes: they are put side by side here. */
  #link = Buffer.alloc(4096)
  #head = genesis
  #length = 0
  #bytes = 0
  #lacksEnd = false
  #broken: ByteLine | undefined

  get head(): string {
    return this.#head
  }

  /** How many records follow each other. */
  get length(): number {
    return this.#length
  }

  /** How long they are in the file. */
  get bytes(): number {
    return this.#bytes
  }

  /** The last of them has no line end: a crash cut it off, and nothing else. */
  get lacksEnd(): boolean {
    return this.#lacksEnd
  }

  /** The first line that does not follow. */
  get broken(): ByteLine | undefined {
    return this.#broken
  }

  /** Those of the next lines that follow; none after one that did not. */
  follow(lines: readonly ByteLine[]): readonly ByteLine[] {
    const wrong = this.#broken ? 0 : lines.findIndex((line) => !this.#takes(line))
    if (wrong < 0) return lines
    this.#broken ??= lines[wrong]
    return lines.slice(0, wrong)
  }

  #takes({ bytes, hasEnd }: ByteLine): boolean {
    if (bytes[hashLength] !== space) return false
    const link = this.#linkOf(bytes)
    if (bytes.toString('latin1', 0, hashLength) !== link) return false
    this.#head = link
    this.#length += 1
    this.#bytes += hasEnd ? bytes.length + 1 : bytes.length
    this.#lacksEnd = !hasEnd
    return true
  }

  #linkOf(line: Buffer): string {
    if (this.#link.length < line.length) this.#link = Buffer.alloc(line.length * 2)
    this.#link.write(this.#head, 'latin1')
    const json = line.copy(this.#link, hashLength, hashLength + 1)
    return hash('sha256', this.#link.subarray(0, hashLength + json), 'hex')
  }
}
