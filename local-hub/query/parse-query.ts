import { EOF } from 'chevrotain'
import type { IRecognitionException, IToken } from 'chevrotain'
import { HubError } from '../hub/hub-error.ts'
import { refusedSyntax, syntaxError } from './query-error.ts'
import { QueryParser } from './query-parser.ts'
import type { Query } from './syntax.ts'
import { not, openParenthesis, queryLexer, refusedWords } from './tokens.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling */
const longestQuery = 8192

/** Far more than anyone writes, and far less than what exhausts the stack. */
const deepestNesting = 200

/** Building the grammar is slow, using it is not. */
const parser = new QueryParser()

/** Throws HubError: ArgumentInvalid naming position and token, or NotImplemented naming what is refused. */
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

function assertShallow(tokens: readonly IToken[]): void {
  const openings = tokens.filter(({ tokenType }) => tokenType === openParenthesis || tokenType === not)
  const tooDeep = openings[deepestNesting]
  if (tooDeep) throw syntaxError(`more than ${deepestNesting} NOT and parentheses`, tooDeep.startOffset)
}

function translate(
  { token, previousToken }: IRecognitionException & { previousToken?: IToken },
  text: string,
): HubError {
  if (refusedWords.includes(token.tokenType)) return refusedSyntax(token.tokenType.name, token.startOffset)
  const after = previousToken ? ` after ${quoted(previousToken.image)}` : ''
  if (token.tokenType === EOF) return syntaxError(`unexpected end${after}`, text.length)
  return syntaxError(`unexpected ${quoted(token.image)}${after}`, token.startOffset)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
