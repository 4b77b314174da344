import { EmbeddedActionsParser } from 'chevrotain'
import type { IToken, ParserMethod } from 'chevrotain'
import type { JsonValue } from '../hub/json.ts'
import type { ArithmeticStep, Expression, Path } from './syntax.ts'
import {
  arithmeticOf,
  bracketedText,
  functionNamed,
  numberValue,
  operatorOf,
  stringValue,
} from './token-values.ts'
import * as t from './tokens.ts'

const zero: Expression = { kind: 'literal', value: 0 }

/**
 * The grammar of expressions, weakest operator first: one rule per method, each building its part of the syntax
 * tree. `ACTION` marks what must not run while chevrotain records the grammar with made-up tokens. Chevrotain demands
 * the inheritance.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#expressions-and-conditions
 */
export class ExpressionParser extends EmbeddedActionsParser {
  protected readonly expression: ParserMethod<[], Expression> = this.RULE('expression', (): Expression => {
    const operands: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.or, DEF: () => operands.push(this.SUBRULE(this.conjunction)) })
    return joined('or', operands)
  })

  private readonly conjunction: ParserMethod<[], Expression> = this.RULE('conjunction', (): Expression => {
    const operands: Expression[] = []
    this.AT_LEAST_ONE_SEP({ SEP: t.and, DEF: () => operands.push(this.SUBRULE(this.negation)) })
    return joined('and', operands)
  })

  private readonly negation: ParserMethod<[], Expression> = this.RULE('negation', (): Expression => {
    let count = 0
    this.MANY(() => {
      this.CONSUME(t.not)
      count += 1
    })
    const operand = this.SUBRULE(this.relation)
    return inverted(count, operand)
  })

  private readonly relation: ParserMethod<[], Expression> = this.RULE('relation', (): Expression => {
    const left = this.SUBRULE(this.sum)
    const test = this.OPTION(() =>
      this.OR([
        {
          ALT: (): Expression => {
            const token = this.CONSUME(t.comparison)
            const right = this.SUBRULE1(this.sum)
            return { kind: 'comparison', operator: this.ACTION(() => operatorOf(token)), left, right }
          },
        },
        { ALT: () => this.SUBRULE(this.membership, { ARGS: [left] }) },
      ]),
    )
    return test ?? left
  })

  private readonly membership: ParserMethod<[Expression], Expression> = this.RULE(
    'membership',
    (operand: Expression): Expression => {
      const isNegated = this.OR([
        { ALT: () => (this.CONSUME(t.inList), false) },
        { ALT: () => (this.CONSUME(t.notInList), true) },
      ])
      return { kind: 'membership', isNegated, operand, values: this.SUBRULE(this.array) }
    },
  )

  private readonly sum: ParserMethod<[], Expression> = this.RULE('sum', (): Expression => {
    const first = this.SUBRULE(this.product)
    const steps: ArithmeticStep[] = []
    this.MANY(() => {
      const token = this.CONSUME(t.plusOrMinus)
      const operand = this.SUBRULE1(this.product)
      steps.push({ operator: this.ACTION(() => arithmeticOf(token)), operand })
    })
    return steps.length === 0 ? first : { kind: 'arithmetic', first, steps }
  })

  private readonly product: ParserMethod<[], Expression> = this.RULE('product', (): Expression => {
    const first = this.SUBRULE(this.signed)
    const steps: ArithmeticStep[] = []
    this.MANY(() => {
      const token = this.CONSUME(t.productOperator)
      const operand = this.SUBRULE1(this.signed)
      steps.push({ operator: this.ACTION(() => arithmeticOf(token)), operand })
    })
    return steps.length === 0 ? first : { kind: 'arithmetic', first, steps }
  })

  private readonly signed: ParserMethod<[], Expression> = this.RULE('signed', (): Expression => {
    const signs: IToken[] = []
    this.MANY(() => signs.push(this.CONSUME(t.plusOrMinus)))
    const operand = this.SUBRULE(this.primary)
    return signed(signs, operand)
  })

  private readonly primary: ParserMethod<[], Expression> = this.RULE('primary', (): Expression =>
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.openParenthesis)
          const expression = this.SUBRULE(this.expression)
          this.CONSUME(t.closeParenthesis)
          return expression
        },
      },
      { ALT: () => this.SUBRULE(this.call) },
      { ALT: (): Expression => this.SUBRULE(this.path) },
      { ALT: (): Expression => ({ kind: 'literal', value: this.SUBRULE(this.constant) }) },
      { ALT: (): Expression => ({ kind: 'literal', value: this.SUBRULE(this.array) }) },
      { ALT: (): Expression => (this.CONSUME(t.undefinedWord), { kind: 'literal', value: undefined }) },
    ]),
  )

  private readonly call: ParserMethod<[], Expression> = this.RULE('call', (): Expression => {
    const name = this.CONSUME(t.identifier)
    this.CONSUME(t.openParenthesis)
    const operands: Expression[] = []
    this.MANY_SEP({ SEP: t.comma, DEF: () => operands.push(this.SUBRULE(this.expression)) })
    this.CONSUME(t.closeParenthesis)
    return { kind: 'call', name: this.ACTION(() => functionNamed(name, operands.length)), operands }
  })

  protected readonly path: ParserMethod<[], Path> = this.RULE('path', (): Path => {
    const root = this.CONSUME(t.identifier)
    const segments = [root.image]
    this.MANY(() => segments.push(this.SUBRULE(this.segment)))
    return { kind: 'path', segments, offset: root.startOffset }
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

  private readonly array: ParserMethod<[], readonly JsonValue[]> = this.RULE('array', () => {
    const values: JsonValue[] = []
    this.CONSUME(t.openBracket)
    this.MANY_SEP({ SEP: t.comma, DEF: () => values.push(this.SUBRULE(this.signedConstant)) })
    this.CONSUME(t.closeBracket)
    return values
  })

  private readonly signedConstant: ParserMethod<[], JsonValue> = this.RULE('signedConstant', () =>
    this.OR([
      {
        ALT: () => {
          const sign = this.CONSUME(t.plusOrMinus)
          const value = numberValue(this.CONSUME(t.number))
          return sign.image === '-' ? -value : value
        },
      },
      { ALT: () => this.SUBRULE(this.constant) },
    ]),
  )

  private readonly constant: ParserMethod<[], JsonValue> = this.RULE('constant', () =>
    this.OR([
      { ALT: () => stringValue(this.CONSUME(t.string)) },
      { ALT: () => numberValue(this.CONSUME1(t.number)) },
      { ALT: () => (this.CONSUME(t.trueWord), true) },
      { ALT: () => (this.CONSUME(t.falseWord), false) },
      { ALT: () => (this.CONSUME(t.nullWord), null) },
    ]),
  )
}

/** One operand needs no node: the tree stays as shallow as the text. */
function joined(kind: 'and' | 'or', operands: readonly Expression[]): Expression {
  const [only] = operands
  return only && operands.length === 1 ? only : { kind, operands }
}

/** Three times is as good as once, and four times as twice, so that a long row of NOT is not a deep tree. */
function inverted(count: number, operand: Expression): Expression {
  if (count === 0) return operand
  const once: Expression = { kind: 'not', operand }
  return count % 2 === 1 ? once : { kind: 'not', operand: once }
}

/** A sign is arithmetic on zero, and like all arithmetic it makes what is no number undefined. */
function signed(signs: readonly IToken[], operand: Expression): Expression {
  if (signs.length === 0) return operand
  const isNegative = signs.filter(({ image }) => image === '-').length % 2 === 1
  return { kind: 'arithmetic', first: zero, steps: [{ operator: isNegative ? '-' : '+', operand }] }
}
