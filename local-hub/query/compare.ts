import type { JsonValue } from '../hub/json.ts'
import type { Operator } from './syntax.ts'
import type { Truth } from './truth.ts'

type Scalar = string | number | boolean | null

const tests: Readonly<Record<Operator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** The timestamps that the hub writes itself; their number of digits varies between services. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** Unknown when a side is missing or the types differ. */
export function compare(
  operator: Operator,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): Truth {
  if (!isScalar(left) || !isScalar(right)) return undefined
  if (typeof left === 'string' && typeof right === 'string') return tests[operator](orderOfTexts(left, right))
  if (typeof left === 'number' && typeof right === 'number') return tests[operator](orderOf(left, right))
  return typeof left === typeof right ? equality(operator, left === right) : undefined
}

/** `true` and `null` have no order. */
function equality(operator: Operator, isEqual: boolean): Truth {
  return operator === '=' || operator === '!=' ? isEqual === (operator === '=') : undefined
}

/** Negative, zero or positive, as a comparator of `sort`; two timestamps are compared as moments. */
export function orderOfTexts(left: string, right: string): number {
  if (left === right) return 0
  const order = isTimestamp(left) && isTimestamp(right) ? Date.parse(left) - Date.parse(right) : NaN
  return Number.isNaN(order) ? orderOf(left, right) : order
}

export function isTimestamp(text: string): boolean {
  return timestamp.test(text)
}

function orderOf<Value extends string | number>(left: Value, right: Value): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

export function isScalar(value: JsonValue | undefined): value is Scalar {
  return value === null || (value !== undefined && typeof value !== 'object')
}
