import { Lexer, createToken } from 'chevrotain'
import type { TokenType } from 'chevrotain'

const whiteSpace = createToken({ name: 'white space', pattern: /\s+/, group: Lexer.SKIPPED })

/** Anything that may name a property after a dot: keywords too. */
export const anyName = createToken({ name: 'a name', pattern: Lexer.NA })

export const identifier = createToken({
  name: 'identifier',
  pattern: /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/,
  categories: [anyName],
})

export const select = keyword('SELECT')
export const from = keyword('FROM')
export const where = keyword('WHERE')
export const as = keyword('AS')
export const and = keyword('AND')
export const or = keyword('OR')
export const not = keyword('NOT')
export const inList = keyword('IN')
export const notInList = keyword('NIN')
export const trueWord = keyword('TRUE')
export const falseWord = keyword('FALSE')
export const nullWord = keyword('NULL')
export const count = keyword('COUNT')

/** Parts of the language that this hub knows by name, to refuse them by name. */
export const refusedWords: readonly TokenType[] = [
  keyword('TOP'),
  keyword('ORDER', 'ORDER BY'),
  keyword('GROUP', 'GROUP BY'),
  keyword('AVG'),
  keyword('SUM'),
  keyword('MIN'),
  keyword('MAX'),
]

export const bracketedName = createToken({
  name: '[[name]]',
  pattern: /\[\[[^\]\n]+\]\]/,
  line_breaks: false,
})
export const string = createToken({
  name: 'string',
  pattern: /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"/,
  line_breaks: true,
})
export const number = createToken({ name: 'number', pattern: /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/ })
export const comparison = createToken({ name: 'comparison', pattern: /=|!=|<>|<=|>=|<|>/ })
export const star = createToken({ name: '*', pattern: /\*/ })
export const comma = createToken({ name: ',', pattern: /,/ })
export const dot = createToken({ name: '.', pattern: /\./ })
export const openParenthesis = createToken({ name: '(', pattern: /\(/ })
export const closeParenthesis = createToken({ name: ')', pattern: /\)/ })
export const openBracket = createToken({ name: '[', pattern: /\[/ })
export const closeBracket = createToken({ name: ']', pattern: /\]/ })

const keywords = [
  select,
  from,
  where,
  as,
  and,
  or,
  notInList,
  not,
  inList,
  trueWord,
  falseWord,
  nullWord,
  count,
]

export const allTokens: TokenType[] = [
  whiteSpace,
  // Before the keywords, because ORDER starts with OR.
  ...refusedWords,
  ...keywords,
  anyName,
  identifier,
  bracketedName,
  string,
  number,
  comparison,
  star,
  comma,
  dot,
  openParenthesis,
  closeParenthesis,
  openBracket,
  closeBracket,
]

export const queryLexer = new Lexer(allTokens, { positionTracking: 'onlyOffset' })

/** Longer words win, so that ORDER is not OR, and `orders` is a name. */
function keyword(word: string, name = word): TokenType {
  return createToken({ name, pattern: new RegExp(word, 'i'), longer_alt: identifier, categories: [anyName] })
}
