import { genesis, readLine, type Line } from './journal-line.ts'
import type { TextLine } from './journal-lines.ts'

export interface Link {
  readonly line: Line
  /** With the line end, also where a crash has cut it off. */
  readonly bytes: number
}

/** Follows the chain of a journal through its lines, up to the first that does not follow the one before. */
export class JournalChain {
  #head = genesis
  #length = 0
  #bytes = 0
  #lacksEnd = false
  #broken: TextLine | undefined

  get head(): string {
    return this.#head
  }

  /** How many records follow each other. */
  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The last of them has no line end: a crash cut it off, and nothing else. */
  get lacksEnd(): boolean {
    return this.#lacksEnd
  }

  /** The first line that does not follow. */
  get broken(): TextLine | undefined {
    return this.#broken
  }

  /** Those of the next lines that follow; none after one that did not. */
  follow(lines: readonly TextLine[]): Link[] {
    const links: Link[] = []
    for (const text of lines) {
      if (this.#broken) break
      const line = readLine(this.#head, text.text)
      if (line) links.push(this.#add(line, text))
      else this.#broken = text
    }
    return links
  }

  #add(line: Line, { bytes, hasEnd }: TextLine): Link {
    this.#head = line.hash
    this.#length += 1
    this.#bytes += bytes
    this.#lacksEnd = !hasEnd
    return { line, bytes: hasEnd ? bytes : bytes + 1 }
  }
}
