import type { ParserMethod } from 'chevrotain'
import { ExpressionParser } from './expression-parser.ts'
import type { AggregateColumn, Column, PathColumn, Query, Source } from './syntax.ts'
import { aggregateOf, topValue } from './token-values.ts'
import * as t from './tokens.ts'

/** The grammar of whole queries. */
export class QueryParser extends ExpressionParser {
  readonly query: ParserMethod<[], Query> = this.RULE('query', (): Query => {
    this.CONSUME(t.select)
    const top = this.OPTION1(() => {
      this.CONSUME(t.top)
      const count = this.CONSUME(t.number)
      return this.ACTION(() => topValue(count))
    })
    const columns = this.SUBRULE(this.projection)
    this.CONSUME(t.from)
    const source = this.SUBRULE(this.source)
    const where = this.OPTION2(() => {
      this.CONSUME(t.where)
      return this.SUBRULE(this.expression)
    })
    const groupBy = this.OPTION3(() => {
      this.CONSUME(t.group)
      this.CONSUME(t.by)
      return this.SUBRULE(this.path)
    })
    return { source, top, columns, where, groupBy }
  })

  private readonly source: ParserMethod<[], Source> = this.RULE('source', () => {
    const first = this.CONSUME(t.identifier)
    const names = [first.image]
    this.MANY(() => {
      this.CONSUME(t.dot)
      names.push(this.CONSUME(t.anyName).image)
    })
    return { name: this.ACTION(() => names.join('.').toLowerCase()), offset: first.startOffset }
  })

  private readonly projection: ParserMethod<[], readonly Column[] | undefined> = this.RULE('projection', () =>
    this.OR([{ ALT: () => (this.CONSUME(t.star), undefined) }, { ALT: () => this.SUBRULE(this.columns) }]),
  )

  private readonly columns: ParserMethod<[], readonly Column[]> = this.RULE('columns', () => {
    const columns: Column[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.comma, DEF: () => columns.push(this.SUBRULE(this.column)) })
    return columns
  })

  private readonly column: ParserMethod<[], Column> = this.RULE('column', (): Column =>
    this.OR([
      { ALT: (): Column => this.SUBRULE(this.countColumn) },
      { ALT: (): Column => this.SUBRULE(this.aggregateColumn) },
      { ALT: (): Column => this.SUBRULE(this.pathColumn) },
    ]),
  )

  private readonly countColumn: ParserMethod<[], AggregateColumn> = this.RULE(
    'countColumn',
    (): AggregateColumn => {
      const offset = this.CONSUME(t.count).startOffset
      this.CONSUME(t.openParenthesis)
      this.OPTION(() => this.CONSUME(t.star))
      this.CONSUME(t.closeParenthesis)
      const alias = this.SUBRULE(this.alias)
      return { kind: 'aggregate', name: 'COUNT', path: undefined, alias, offset }
    },
  )

  private readonly aggregateColumn: ParserMethod<[], AggregateColumn> = this.RULE(
    'aggregateColumn',
    (): AggregateColumn => {
      const token = this.CONSUME(t.aggregateName)
      this.CONSUME(t.openParenthesis)
      const path = this.SUBRULE(this.path)
      this.CONSUME(t.closeParenthesis)
      const alias = this.SUBRULE(this.alias)
      const name = this.ACTION(() => aggregateOf(token))
      return { kind: 'aggregate', name, path, alias, offset: token.startOffset }
    },
  )

  private readonly pathColumn: ParserMethod<[], PathColumn> = this.RULE('pathColumn', (): PathColumn => {
    const path = this.SUBRULE(this.path)
    const alias = this.OPTION(() => this.SUBRULE(this.alias))
    return { kind: 'path', path, alias }
  })

  private readonly alias: ParserMethod<[], string> = this.RULE('alias', () => {
    this.CONSUME(t.as)
    return this.CONSUME(t.anyName).image
  })

  constructor() {
    super(t.allTokens)
    this.performSelfAnalysis()
  }
}
