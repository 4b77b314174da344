import type { JsonValue } from '../hub/json.ts'
import { compare, isScalar, isTimestamp } from './compare.ts'
import type { Expression } from './syntax.ts'
import type { Getter } from './truth.ts'

type Comparison = Extract<Expression, { kind: 'comparison' }>
type Membership = Extract<Expression, { kind: 'membership' }>

export function compileComparison<Row>(
  { operator, left, right }: Comparison,
  compile: (operand: Expression) => Getter<Row>,
): Getter<Row> {
  const [getLeft, getRight] = [compile(left), compile(right)]
  if (operator === '=' && right.kind === 'literal' && isPlainText(right.value)) {
    return compileTextEquality(getLeft, right.value)
  }
  return (row) => compare(operator, getLeft(row), getRight(row))
}

/** Most queries are filters like this one over every device, so they get the shortest way. */
function compileTextEquality<Row>(get: Getter<Row>, text: string): Getter<Row> {
  return (row) => {
    const value = get(row)
    if (value === text) return true
    return typeof value === 'string' ? false : undefined
  }
}

/** `a IN [x, y]` is `a = x OR a = y`, and NIN is its opposite; so a type that is not in the list is unknown. */
export function compileMembership<Row>(
  get: Getter<Row>,
  { values, isNegated }: Pick<Membership, 'values' | 'isNegated'>,
): Getter<Row> {
  const members = new Set(values)
  const types = new Set(values.map((value) => typeof value))
  return (row) => {
    const value = get(row)
    if (!isScalar(value)) return undefined
    if (members.has(value)) return !isNegated
    return types.size === 0 || (types.size === 1 && types.has(typeof value)) ? isNegated : undefined
  }
}

function isPlainText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && !isTimestamp(value)
}
