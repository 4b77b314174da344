/** A word, number, text or bracket of JSON; `broken` is what can be none of them. */
export interface JsonToken {
  readonly kind: 'text' | 'scalar' | 'mark' | 'broken'
  readonly source: string
  readonly offset: number
}

// eslint-disable-next-line no-control-regex -- the control characters that JSON forbids inside a text
const textPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const scalarPattern = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y
const markPattern = /[{}[\],:]/y
const brokenPattern = /"[^"\n]*"?|[^\s{}[\],:"]+/y
const spacePattern = /[ \t\r\n]*/y

const patterns = [
  ['text', textPattern],
  ['scalar', scalarPattern],
  ['mark', markPattern],
  ['broken', brokenPattern],
] as const

/** Reads JSON token by token; what is not JSON comes as `broken`, so that nothing of the text is lost. */
export function* jsonTokens(text: string): Generator<JsonToken> {
  let offset = skipSpace(text, 0)
  while (offset < text.length) {
    const token = tokenAt(text, offset)
    yield token
    offset = skipSpace(text, offset + token.source.length)
  }
}

function tokenAt(text: string, offset: number): JsonToken {
  for (const [kind, pattern] of patterns) {
    const source = matchAt(pattern, text, offset)
    if (source !== '') return { kind, source, offset }
  }
  return { kind: 'broken', source: text.charAt(offset), offset }
}

function skipSpace(text: string, offset: number): number {
  return offset + matchAt(spacePattern, text, offset).length
}

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset
  return pattern.exec(text)?.[0] ?? ''
}
