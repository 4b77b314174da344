import type { JsonValue } from '../hub/json.ts'
import { compileArithmetic } from './arithmetic.ts'
import { compileComparison, compileMembership } from './compile-comparison.ts'
import { compileCall } from './functions.ts'
import type { Expression, Path } from './syntax.ts'
import type { Getter, Truth } from './truth.ts'

/** Finds the property that a path names; throws ArgumentInvalid when there is none. */
export type ReadPath<Row> = (path: Path) => Getter<Row>

/** Compiled once, run per row. A row is in the result only when its condition is `true`. */
export function compileExpression<Row>(expression: Expression, read: ReadPath<Row>): Getter<Row> {
  const compile = (operand: Expression) => compileExpression(operand, read)
  switch (expression.kind) {
    case 'path':
      return read(expression)
    case 'literal': {
      const { value } = expression
      return () => value
    }
    case 'and':
      return compileConnective(expression.operands.map(compile), false)
    case 'or':
      return compileConnective(expression.operands.map(compile), true)
    case 'not':
      return negate(compile(expression.operand))
    case 'comparison':
      return compileComparison(expression, compile)
    case 'membership':
      return compileMembership(compile(expression.operand), expression)
    case 'arithmetic':
      return compileArithmetic(compile(expression.first), expression.steps, compile)
    case 'call':
      return compileCall(expression.name, expression.operands.map(compile))
  }
}

/** AND is decided by one `false`, OR by one `true`; else an unknown makes the whole unknown. */
function compileConnective<Row>(operands: readonly Getter<Row>[], decisive: boolean): Getter<Row> {
  return (row) => {
    let result: Truth = !decisive
    for (const operand of operands) {
      const truth = truthOf(operand(row))
      if (truth === decisive) return decisive
      if (truth === undefined) result = undefined
    }
    return result
  }
}

function negate<Row>(operand: Getter<Row>): Getter<Row> {
  return (row) => {
    const truth = truthOf(operand(row))
    return truth === undefined ? undefined : !truth
  }
}

function truthOf(value: JsonValue | undefined): Truth {
  return typeof value === 'boolean' ? value : undefined
}
