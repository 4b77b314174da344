import { EOF } from 'chevrotain'
import type { IRecognitionException, IToken } from 'chevrotain'
import { HubError } from '../hub/hub-error.ts'
import { syntaxError } from './query-error.ts'
import { QueryParser } from './query-parser.ts'
import type { Query } from './syntax.ts'
import { closeParenthesis, dot, foreignWords, openParenthesis, queryLexer, reservedWords } from './tokens.ts'

/** https://learn.microsoft.com/azure/iot-hub/query-twins#twin-query-limitations */
const longestQuery = 8192

/** Far more than anyone writes, and far less than what exhausts the stack. */
const deepestNesting = 100

/** Building the grammar is slow, using it is not. */
const parser = new QueryParser()

/** Throws HubError: ArgumentInvalid naming position and token. */
export function parseQuery(text: string): Query {
  if (text.length > longestQuery)
    throw new HubError('PreconditionFailed', `A query has at most ${longestQuery} characters`)
  const { tokens, errors } = queryLexer.tokenize(text)
  const [firstError] = errors
  if (firstError) throw syntaxError(`unexpected ${quoted(text.charAt(firstError.offset))}`, firstError.offset)
  assertShallow(tokens)
  parser.input = tokens
  const query = parser.query()
  const [error] = parser.errors
  if (error) throw translate(error, text)
  return query
}

/** Parentheses are the only thing in the grammar that nests. */
function assertShallow(tokens: readonly IToken[]): void {
  let depth = 0
  for (const { tokenType, startOffset } of tokens) {
    if (tokenType === openParenthesis) depth += 1
    if (tokenType === closeParenthesis) depth -= 1
    if (depth > deepestNesting)
      throw syntaxError(`more than ${deepestNesting} nested parentheses`, startOffset)
  }
}

function translate(
  { token, previousToken }: IRecognitionException & { previousToken?: IToken },
  text: string,
): HubError {
  // Before the first word there is one of the parser's own, without a text.
  const after = previousToken?.image ? ` after ${quoted(previousToken.image)}` : ''
  if (token.tokenType === EOF) return syntaxError(`unexpected end${after}`, text.length)
  return syntaxError(
    `unexpected ${quoted(token.image)}${after}${hintFor(token, previousToken)}`,
    token.startOffset,
  )
}

function hintFor({ tokenType, image }: IToken, previousToken: IToken | undefined): string {
  const foreign = foreignWords.get(tokenType)
  if (foreign !== undefined) return `; the query language of IoT Hub has no ${foreign}`
  const isReservedName = previousToken?.tokenType === dot && reservedWords.includes(tokenType)
  return isReservedName ? `; a reserved word is written [[${image}]]` : ''
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
