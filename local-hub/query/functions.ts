import { isJsonObject } from '../hub/json.ts'
import type { JsonValue } from '../hub/json.ts'
import type { FunctionName } from './syntax.ts'
import type { Getter } from './truth.ts'

type Operand = JsonValue | undefined
type Apply = (...operands: readonly Operand[]) => Operand

/**
 * The functions of the query language; an operand of another type makes the result undefined, never an error.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#functions
 */
const functions: Readonly<Record<FunctionName, Apply>> = {
  ABS: onNumbers(Math.abs),
  EXP: onNumbers(Math.exp),
  POWER: onNumbers((base, exponent) => base ** exponent),
  SQUARE: onNumbers((value) => value * value),
  CEILING: onNumbers(Math.ceil),
  FLOOR: onNumbers(Math.floor),
  SIGN: onNumbers(Math.sign),
  SQRT: onNumbers(Math.sqrt),
  AS_NUMBER: (value) => (typeof value === 'string' ? numberIn(value) : onNumbers((same) => same)(value)),
  IS_ARRAY: (value) => Array.isArray(value),
  IS_BOOL: (value) => typeof value === 'boolean',
  IS_DEFINED: (value) => value !== undefined,
  IS_NULL: (value) => value === null,
  IS_NUMBER: (value) => typeof value === 'number',
  IS_OBJECT: (value) => isJsonObject(value),
  IS_PRIMITIVE: (value) => value === null || (value !== undefined && typeof value !== 'object'),
  IS_STRING: (value) => typeof value === 'string',
  CONCAT: onTexts((...texts) => texts.join('')),
  LENGTH: onTexts((text) => text.length),
  LOWER: onTexts((text) => text.toLowerCase()),
  UPPER: onTexts((text) => text.toUpperCase()),
  SUBSTRING: (text, start, ...length) => substring(text, [start, ...length]),
  INDEX_OF: onTexts((text, part) => text.indexOf(part)),
  STARTS_WITH: onTexts((text, part) => text.startsWith(part)),
  STARTSWITH: onTexts((text, part) => text.startsWith(part)),
  ENDS_WITH: onTexts((text, part) => text.endsWith(part)),
  ENDSWITH: onTexts((text, part) => text.endsWith(part)),
  CONTAINS: onTexts((text, part) => text.includes(part)),
}

export function compileCall<Row>(name: FunctionName, operands: readonly Getter<Row>[]): Getter<Row> {
  const apply = functions[name]
  return (row) => apply(...operands.map((operand) => operand(row)))
}

/** Undefined also where the result is no number of JSON, as for SQRT(-1). */
function onNumbers(compute: (first: number, second: number) => number): Apply {
  return (...operands) => {
    const [first, second = 0] = operands.filter((operand) => typeof operand === 'number')
    const isEveryNumber = operands.every((operand) => typeof operand === 'number')
    const result = first !== undefined && isEveryNumber ? compute(first, second) : NaN
    return Number.isFinite(result) ? result : undefined
  }
}

function onTexts(compute: (text: string, part: string, ...more: readonly string[]) => JsonValue): Apply {
  return (...operands) => {
    const [text, part = '', ...more] = operands.filter((operand) => typeof operand === 'string')
    const isEveryText = operands.every((operand) => typeof operand === 'string')
    return text !== undefined && isEveryText ? compute(text, part, ...more) : undefined
  }
}

/** Positions count from zero. */
function substring(text: Operand, range: readonly Operand[]): Operand {
  const [start, length = Infinity] = range.filter((operand) => typeof operand === 'number')
  const isEveryNumber = range.every((operand) => typeof operand === 'number')
  if (typeof text !== 'string' || start === undefined || !isEveryNumber) return undefined
  return start < 0 || length < 0 ? undefined : text.slice(start, start + length)
}

function numberIn(text: string): number | undefined {
  const isNumber = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(text)
  const value = Number(text)
  return isNumber && Number.isFinite(value) ? value : undefined
}
