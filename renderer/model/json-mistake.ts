import { jsonTokens, type JsonToken } from './json-tokens.ts'

/** What should have been there. */
export const mistakeKinds = ['value', 'name', 'colon', 'separator', 'nothing', 'text', 'end'] as const
export type MistakeKind = (typeof mistakeKinds)[number]

/** The first place where a text is not JSON. Lines and columns count from 1. */
export interface JsonMistake {
  readonly kind: MistakeKind
  readonly offset: number
  readonly line: number
  readonly column: number
}

type Expected = Exclude<MistakeKind, 'text' | 'end'>

interface Position {
  readonly expected: Expected
  /** Whether the bracket that was just opened may close at once; after a comma it may not. */
  readonly mayClose: boolean
}

/** Finds the first mistake, or undefined when the text is one JSON value. */
export function findMistake(text: string): JsonMistake | undefined {
  const open: string[] = []
  let position: Position = { expected: 'value', mayClose: false }
  for (const token of jsonTokens(text)) {
    const next = advance(position, token, open)
    if (!next) return mistakeAt(text, token.offset, kindOf(position, token))
    position = next
  }
  return position.expected === 'nothing' ? undefined : mistakeAt(text, text.length, 'end')
}

function kindOf({ expected }: Position, { kind, source }: JsonToken): MistakeKind {
  const wantsText = expected === 'value' || expected === 'name'
  return wantsText && kind === 'broken' && source.startsWith('"') ? 'text' : expected
}

/** What is expected after the token, or undefined when the token is not expected. `open` is the stack of brackets. */
function advance(position: Position, token: JsonToken, open: string[]): Position | undefined {
  if (position.mayClose && closes(token, open)) return close(open)
  switch (position.expected) {
    case 'value':
      return afterValueStart(token, open)
    case 'name':
      return token.kind === 'text' ? { expected: 'colon', mayClose: false } : undefined
    case 'colon':
      return token.source === ':' ? { expected: 'value', mayClose: false } : undefined
    case 'separator':
      return afterSeparator(token, open)
    case 'nothing':
      return undefined
  }
}

function afterValueStart({ kind, source }: JsonToken, open: string[]): Position | undefined {
  if (source === '{' || source === '[') {
    open.push(source)
    return { expected: source === '{' ? 'name' : 'value', mayClose: true }
  }
  return kind === 'text' || kind === 'scalar' ? afterValue(open) : undefined
}

function afterSeparator(token: JsonToken, open: string[]): Position | undefined {
  if (token.source === ',') return { expected: open.at(-1) === '{' ? 'name' : 'value', mayClose: false }
  return closes(token, open) ? close(open) : undefined
}

function closes({ source }: JsonToken, open: readonly string[]): boolean {
  return source === (open.at(-1) === '{' ? '}' : ']')
}

function close(open: string[]): Position {
  open.pop()
  return afterValue(open)
}

function afterValue(open: readonly string[]): Position {
  return { expected: open.length === 0 ? 'nothing' : 'separator', mayClose: false }
}

function mistakeAt(text: string, offset: number, kind: MistakeKind): JsonMistake {
  const before = text.slice(0, offset).split('\n')
  return { kind, offset, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
