import { emptyJsonObject, isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import { compare } from './compare.ts'
import { compileFunction } from './functions.ts'
import type { Expression, Literal, Operand, Path, ProjectedPath } from './syntax.ts'
import type { Getter, Predicate, Truth } from './truth.ts'

/** Compiled once, run per twin. A device is in the result only when the predicate is `true`. */
export function compileExpression(expression: Expression): Predicate {
  switch (expression.kind) {
    case 'and':
      return compileConnective(expression.operands, false)
    case 'or':
      return compileConnective(expression.operands, true)
    case 'not':
      return negate(compileExpression(expression.operand))
    case 'comparison':
      return compileComparison(expression)
    case 'membership':
      return compileMembership(expression)
    case 'call':
      return compileFunction(expression.name, expression.operands.map(compileOperand))
    case 'truth': {
      const get = compileOperand(expression.operand)
      return (twin) => (get(twin) === true ? true : undefined)
    }
  }
}

/** The object with the projected properties; what a twin does not have is left out. */
export function compileProjection(items: readonly ProjectedPath[]): (twin: JsonObject) => JsonObject {
  const getters = items.map(({ path, alias }) => ({ alias, get: compileOperand(path) }))
  return (twin) => {
    const row = emptyJsonObject()
    for (const { alias, get } of getters) {
      const value = get(twin)
      if (value !== undefined) row[alias] = value
    }
    return row
  }
}

export function compileOperand(operand: Operand): Getter {
  return operand.kind === 'literal' ? compileLiteral(operand) : compilePath(operand)
}

function compileLiteral({ value }: Literal): Getter {
  return () => value
}

/** Own properties only: `tags.constructor` is what the user wrote, or nothing. */
function compilePath({ segments }: Path): Getter {
  return (twin) => {
    let value: JsonValue | undefined = twin
    for (const segment of segments) {
      if (!isJsonObject(value) || !Object.hasOwn(value, segment)) return undefined
      value = value[segment]
    }
    return value
  }
}

/** AND is decided by one `false`, OR by one `true`; else an unknown makes the whole unknown. */
function compileConnective(operands: readonly Expression[], decisive: boolean): Predicate {
  const predicates = operands.map(compileExpression)
  return (twin) => {
    let result: Truth = !decisive
    for (const predicate of predicates) {
      const truth = predicate(twin)
      if (truth === decisive) return decisive
      if (truth === undefined) result = undefined
    }
    return result
  }
}

function negate(predicate: Predicate): Predicate {
  return (twin) => {
    const truth = predicate(twin)
    return truth === undefined ? undefined : !truth
  }
}

function compileComparison({
  operator,
  left,
  right,
}: Extract<Expression, { kind: 'comparison' }>): Predicate {
  const [getLeft, getRight] = [compileOperand(left), compileOperand(right)]
  return (twin) => compare(operator, getLeft(twin), getRight(twin))
}

function compileMembership({
  operand,
  values,
  isNegated,
}: Extract<Expression, { kind: 'membership' }>): Predicate {
  const get = compileOperand(operand)
  const members = new Set(values)
  return (twin) => {
    const value = get(twin)
    return value === undefined ? undefined : members.has(value) !== isNegated
  }
}
