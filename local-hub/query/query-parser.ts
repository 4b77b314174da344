import { EmbeddedActionsParser } from 'chevrotain'
import type { ParserMethod } from 'chevrotain'
import type { JsonValue } from '../hub/json.ts'
import type { Expression, Operand, Path, ProjectedPath, Projection, Query } from './syntax.ts'
import {
  assertSource,
  bracketedText,
  functionNamed,
  numberValue,
  operatorOf,
  pathOf,
  stringValue,
} from './token-values.ts'
import * as t from './tokens.ts'

/**
 * The grammar: one rule per method, each building its part of the syntax tree. `ACTION` marks what must not run
 * while chevrotain records the grammar with made-up tokens. Chevrotain demands the inheritance.
 */
export class QueryParser extends EmbeddedActionsParser {
  readonly query: ParserMethod<[], Query> = this.RULE('query', () => {
    this.CONSUME(t.select)
    const projection = this.SUBRULE(this.projection)
    this.CONSUME(t.from)
    const source = this.SUBRULE(this.source)
    this.ACTION(() => {
      assertSource(source)
    })
    const where = this.OPTION(() => {
      this.CONSUME(t.where)
      return this.SUBRULE(this.disjunction)
    })
    return { projection, where }
  })

  private readonly source: ParserMethod<[], { segments: string[]; offset: number }> = this.RULE(
    'source',
    () => {
      const first = this.CONSUME(t.identifier)
      const segments = [first.image]
      this.MANY(() => {
        this.CONSUME(t.dot)
        segments.push(this.CONSUME(t.anyName).image)
      })
      return { segments, offset: first.startOffset }
    },
  )

  private readonly projection: ParserMethod<[], Projection> = this.RULE('projection', (): Projection =>
    this.OR([
      { ALT: () => this.SUBRULE(this.everything) },
      { ALT: () => this.SUBRULE(this.countOfDevices) },
      { ALT: () => this.SUBRULE(this.projectedPaths) },
    ]),
  )

  private readonly everything: ParserMethod<[], Projection> = this.RULE('everything', (): Projection => {
    this.CONSUME(t.star)
    return { kind: 'all' }
  })

  private readonly countOfDevices: ParserMethod<[], Projection> = this.RULE(
    'countOfDevices',
    (): Projection => {
      this.CONSUME(t.count)
      this.CONSUME(t.openParenthesis)
      this.OPTION(() => this.CONSUME(t.star))
      this.CONSUME(t.closeParenthesis)
      this.CONSUME(t.as)
      return { kind: 'count', alias: this.CONSUME(t.anyName).image }
    },
  )

  private readonly projectedPaths: ParserMethod<[], Projection> = this.RULE(
    'projectedPaths',
    (): Projection => {
      const items: ProjectedPath[] = []
      this.AT_LEAST_ONE_SEP({ SEP: t.comma, DEF: () => items.push(this.SUBRULE(this.projectedPath)) })
      return { kind: 'paths', items }
    },
  )

  private readonly projectedPath: ParserMethod<[], ProjectedPath> = this.RULE('projectedPath', () => {
    const path = this.SUBRULE(this.path)
    const alias = this.OPTION(() => {
      this.CONSUME(t.as)
      return this.CONSUME(t.anyName).image
    })
    return { path, alias: alias ?? this.ACTION(() => path.segments.at(-1) ?? '') }
  })

  private readonly disjunction: ParserMethod<[], Expression> = this.RULE('disjunction', (): Expression => {
    const operands: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.or, DEF: () => operands.push(this.SUBRULE(this.conjunction)) })
    return { kind: 'or', operands }
  })

  private readonly conjunction: ParserMethod<[], Expression> = this.RULE('conjunction', (): Expression => {
    const operands: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.and, DEF: () => operands.push(this.SUBRULE(this.negation)) })
    return { kind: 'and', operands }
  })

  private readonly negation: ParserMethod<[], Expression> = this.RULE('negation', (): Expression =>
    this.OR([
      {
        ALT: (): Expression => {
          this.CONSUME(t.not)
          return { kind: 'not', operand: this.SUBRULE(this.negation) }
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.openParenthesis)
          const expression = this.SUBRULE(this.disjunction)
          this.CONSUME(t.closeParenthesis)
          return expression
        },
      },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: () => this.SUBRULE(this.predicate) },
    ]),
  )

  private readonly call: ParserMethod<[], Expression> = this.RULE('call', (): Expression => {
    const name = this.CONSUME(t.identifier)
    this.CONSUME(t.openParenthesis)
    const operands: Operand[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.comma, DEF: () => operands.push(this.SUBRULE(this.operand)) })
    this.CONSUME(t.closeParenthesis)
    return { kind: 'call', name: this.ACTION(() => functionNamed(name, operands.length)), operands }
  })

  private readonly predicate: ParserMethod<[], Expression> = this.RULE('predicate', (): Expression => {
    const left = this.SUBRULE(this.operand)
    const test = this.OPTION(() =>
      this.OR([
        {
          ALT: (): Expression => {
            const token = this.CONSUME(t.comparison)
            const right = this.SUBRULE1(this.operand)
            return { kind: 'comparison', operator: this.ACTION(() => operatorOf(token)), left, right }
          },
        },
        { ALT: () => this.SUBRULE(this.membership, { ARGS: [left] }) },
      ]),
    )
    return test ?? { kind: 'truth', operand: left }
  })

  private readonly membership: ParserMethod<[Operand], Expression> = this.RULE(
    'membership',
    (operand: Operand): Expression => {
      const isNegated = this.OR([
        { ALT: () => (this.CONSUME(t.inList), false) },
        { ALT: () => (this.CONSUME(t.notInList), true) },
      ])
      const values: JsonValue[] = []
      this.CONSUME(t.openBracket)
      this.MANY_SEP({ SEP: t.comma, DEF: () => values.push(this.SUBRULE(this.literal)) })
      this.CONSUME(t.closeBracket)
      return { kind: 'membership', isNegated, operand, values }
    },
  )

  private readonly operand: ParserMethod<[], Operand> = this.RULE('operand', () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.path) },
      { ALT: (): Operand => ({ kind: 'literal', value: this.SUBRULE(this.literal) }) },
    ]),
  )

  private readonly path: ParserMethod<[], Path> = this.RULE('path', () => {
    const root = this.CONSUME(t.identifier)
    const segments: string[] = []
    this.MANY(() => segments.push(this.SUBRULE(this.segment)))
    return this.ACTION(() => pathOf(root, segments))
  })

  private readonly segment: ParserMethod<[], string> = this.RULE('segment', () =>
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.dot)
          return this.OR1([
            { ALT: () => this.CONSUME(t.anyName).image },
            { ALT: () => bracketedText(this.CONSUME(t.bracketedName)) },
          ])
        },
      },
      { ALT: () => bracketedText(this.CONSUME1(t.bracketedName)) },
      {
        ALT: () => {
          this.CONSUME(t.openBracket)
          const name = this.CONSUME(t.string)
          this.CONSUME(t.closeBracket)
          return this.ACTION(() => stringValue(name))
        },
      },
    ]),
  )

  private readonly literal: ParserMethod<[], JsonValue> = this.RULE('literal', () =>
    this.OR([
      { ALT: () => stringValue(this.CONSUME(t.string)) },
      { ALT: () => numberValue(this.CONSUME(t.number)) },
      { ALT: () => (this.CONSUME(t.trueWord), true) },
      { ALT: () => (this.CONSUME(t.falseWord), false) },
      { ALT: () => (this.CONSUME(t.nullWord), null) },
    ]),
  )

  constructor() {
    super(t.allTokens)
    this.performSelfAnalysis()
  }
}
