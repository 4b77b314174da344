import { jsonTokens, type JsonToken } from './json-tokens.ts'

/** JSON on lines, or its beginning when the whole would be longer than asked for. */
export interface JsonLayout {
  readonly text: string
  readonly isCut: boolean
}

/** Deeper levels are not indented further: a device that answers 60,000 brackets must not fill the memory. */
const deepestIndent = 24

/**
 * Puts JSON on indented lines, at most `most` characters of it. Numbers stay as they were written, however long, and
 * what is not JSON stays too. Characters that nobody can see, or that turn text around, are written as escapes.
 */
export function layOutJson(source: string, most: number): JsonLayout {
  const lines = new Lines()
  for (const token of jsonTokens(source)) {
    lines.add(token)
    if (lines.text.length > most) return { text: lines.text.slice(0, most), isCut: true }
  }
  return { text: lines.text, isCut: false }
}

/** JSON on one line, at most `most` characters of it. */
export function oneLine(source: string, most: number): string {
  const line = revealHidden(source.slice(0, most).replaceAll(/\s+/g, ' '))
  return source.length > most ? `${line}…` : line
}

const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu

/** Shows what has no shape of its own, such as the marks that reverse the direction of text, as `\u202e`. */
export function revealHidden(text: string): string {
  return text.replaceAll(hidden, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

class Lines {
  text = ''
  #depth = 0
  /** After an opening bracket: an empty pair stays on its line. */
  #isJustOpen = false

  add({ source }: JsonToken): void {
    if (source === '}' || source === ']') this.#close(source)
    else if (source === ',') this.text += ',' + this.#newLine()
    else if (source === ':') this.text += ': '
    else this.#write(source)
  }

  #close(bracket: string): void {
    this.#depth = Math.max(0, this.#depth - 1)
    this.text += this.#isJustOpen ? bracket : this.#newLine() + bracket
    this.#isJustOpen = false
  }

  #write(source: string): void {
    if (this.#isJustOpen) this.text += this.#newLine()
    this.#isJustOpen = source === '{' || source === '['
    if (this.#isJustOpen) this.#depth += 1
    this.text += revealHidden(source)
  }

  #newLine(): string {
    return `\n${'  '.repeat(Math.min(this.#depth, deepestIndent))}`
  }
}
