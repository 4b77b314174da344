import type { IToken } from 'chevrotain'
import { syntaxError } from './query-error.ts'
import { functionArity } from './syntax.ts'
import type { AggregateName, ArithmeticOperator, FunctionName, Operator } from './syntax.ts'

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
])

/** `''` and `\'` inside single quotes, `""` and `\"` inside double quotes, `\u0041` in both. */
export function stringValue({ image }: IToken): string {
  const quote = image.charAt(0)
  return image
    .slice(1, -1)
    .replaceAll(/\\u([0-9a-fA-F]{4})|\\([^])|(''|"")/g, (match, unicode?: string, escaped?: string) => {
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16))
      if (escaped !== undefined) return escapes.get(escaped) ?? escaped
      return match === quote + quote ? quote : match
    })
}

/** Decimal, or hexadecimal after `0x`. */
export function numberValue({ image }: IToken): number {
  return Number(image)
}

/** What follows TOP. Throws ArgumentInvalid. */
export function topValue(token: IToken): number {
  const value = numberValue(token)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw syntaxError(`TOP takes a positive whole number, not ${token.image.slice(0, 40)}`, token.startOffset)
}

export function bracketedText({ image }: IToken): string {
  return image.slice(2, -2)
}

export function operatorOf({ image }: IToken): Operator {
  return image === '<>' ? '!=' : (image as Operator)
}

export function arithmeticOf({ image }: IToken): ArithmeticOperator {
  return image as ArithmeticOperator
}

export function aggregateOf({ image }: IToken): AggregateName {
  return image.toUpperCase() as AggregateName
}

/** Throws ArgumentInvalid for a function that IoT Hub does not document, or with too few or too many operands. */
export function functionNamed(token: IToken, operandCount: number): FunctionName {
  const name = token.image.toUpperCase()
  if (!isFunctionName(name)) {
    throw syntaxError(`'${token.image.slice(0, 40)}' is not a function`, token.startOffset)
  }
  const [least, most] = functionArity[name]
  if (operandCount >= least && operandCount <= most) return name
  throw syntaxError(
    `${name} takes ${rangeText(least, most)} operand(s), not ${operandCount}`,
    token.startOffset,
  )
}

function rangeText(least: number, most: number): string {
  if (most === Infinity) return `${least} or more`
  return least === most ? `${least}` : `${least} to ${most}`
}

function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(functionArity, name)
}
