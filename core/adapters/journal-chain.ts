import { hash } from 'node:crypto'
import { genesis, hashLength } from './journal-line.ts'
import type { ByteLine } from './journal-lines.ts'

const space = ' '

/**
 * Follows the chain of a journal through its lines, up to the first that does not follow the one before. What counts is
 * every byte, not what it stands for: two texts that read the same may differ in their bytes.
 */
export class JournalChain {
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

  #takes({ latin1, isAscii, hasEnd }: ByteLine): boolean {
    if (latin1[hashLength] !== space) return false
    // The hash of a record covers the one before it, then its own bytes.
    const covered = this.#head + latin1.slice(hashLength + 1)
    const link = hash('sha256', isAscii ? covered : Buffer.from(covered, 'latin1'), 'hex')
    if (latin1.slice(0, hashLength) !== link) return false
    this.#head = link
    this.#length += 1
    this.#bytes += hasEnd ? latin1.length + 1 : latin1.length
    this.#lacksEnd = !hasEnd
    return true
  }
}
