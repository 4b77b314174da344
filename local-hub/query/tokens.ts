import { Lexer, createToken } from 'chevrotain'
import type { TokenType } from 'chevrotain'

const whiteSpace = createToken({ name: 'white space', pattern: /\s+/, group: Lexer.SKIPPED })

/** Anything that may name a property after a dot, or an alias. */
export const anyName = createToken({ name: 'a name', pattern: Lexer.NA })

export const identifier = createToken({
  name: 'identifier',
  pattern: /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/,
  categories: [anyName],
})

export const select = reserved('SELECT')
export const from = reserved('FROM')
export const where = reserved('WHERE')
export const group = reserved('GROUP')
export const as = reserved('AS')
export const and = reserved('AND')
export const or = reserved('OR')
export const not = reserved('NOT')
export const inList = reserved('IN')
export const notInList = reserved('NIN')
export const trueWord = reserved('TRUE')
export const falseWord = reserved('FALSE')
export const nullWord = reserved('NULL')
export const undefinedWord = reserved('UNDEFINED')

/** A property of such a name is written `[[group]]`, as on IoT Hub: https://github.com/MicrosoftDocs/azure-docs/issues/17106 */
export const reservedWords: readonly TokenType[] = [
  undefinedWord,
  select,
  from,
  where,
  group,
  as,
  and,
  or,
  notInList,
  not,
  inList,
  trueWord,
  falseWord,
  nullWord,
]

export const top = word('TOP')
export const by = word('BY')
export const count = word('COUNT')
export const aggregateName = word('SUM|AVG|MIN|MAX', 'aggregate')

/** What people write because other dialects of SQL have it; IoT Hub refuses it, and so it is named in the refusal. */
export const foreignWords: ReadonlyMap<TokenType, string> = new Map(
  ['DISTINCT', 'ORDER', 'HAVING', 'JOIN', 'LIKE', 'BETWEEN', 'OFFSET', 'LIMIT', 'UNION'].map((name) => [
    word(name),
    name === 'ORDER' ? 'ORDER BY' : name,
  ]),
)

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
export const number = createToken({
  name: 'number',
  pattern: /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/,
})
export const comparison = createToken({ name: 'comparison', pattern: /=|!=|<>|<=|>=|<|>/ })
/** Also `SELECT *` and `COUNT(*)`. */
const timesOrOver = createToken({ name: '* / %', pattern: Lexer.NA })
export const star = createToken({ name: '*', pattern: /\*/, categories: [timesOrOver] })
const slash = createToken({ name: '/ %', pattern: /[/%]/, categories: [timesOrOver] })
export const productOperator = timesOrOver
export const plusOrMinus = createToken({ name: '+ -', pattern: /[+-]/ })
export const comma = createToken({ name: ',', pattern: /,/ })
export const dot = createToken({ name: '.', pattern: /\./ })
export const openParenthesis = createToken({ name: '(', pattern: /\(/ })
export const closeParenthesis = createToken({ name: ')', pattern: /\)/ })
export const openBracket = createToken({ name: '[', pattern: /\[/ })
export const closeBracket = createToken({ name: ']', pattern: /\]/ })

export const allTokens: TokenType[] = [
  whiteSpace,
  // Before the reserved words, because ORDER starts with OR.
  ...foreignWords.keys(),
  top,
  by,
  count,
  aggregateName,
  ...reservedWords,
  anyName,
  identifier,
  bracketedName,
  string,
  number,
  comparison,
  timesOrOver,
  star,
  slash,
  plusOrMinus,
  comma,
  dot,
  openParenthesis,
  closeParenthesis,
  openBracket,
  closeBracket,
]

export const queryLexer = new Lexer(allTokens, { positionTracking: 'onlyOffset' })

/** A word with a meaning of its own that is also good as a name, for example in `tags.order`. */
function word(pattern: string, name = pattern): TokenType {
  return createToken({
    name,
    pattern: new RegExp(pattern, 'i'),
    longer_alt: identifier,
    categories: [anyName],
  })
}

/** Longer words win, so that `orders` is a name and not OR. */
function reserved(name: string): TokenType {
  return createToken({ name, pattern: new RegExp(name, 'i'), longer_alt: identifier })
}
