import type { ArithmeticOperator, ArithmeticStep, Expression } from './syntax.ts'
import type { Getter } from './truth.ts'

const operations: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
}

/** Numbers only; anything else, and a division by zero, makes the whole undefined. */
export function compileArithmetic<Row>(
  first: Getter<Row>,
  steps: readonly ArithmeticStep[],
  compile: (operand: Expression) => Getter<Row>,
): Getter<Row> {
  const compiled = steps.map(({ operator, operand }) => ({
    operate: operations[operator],
    get: compile(operand),
  }))
  return (row) => {
    let result = first(row)
    for (const { operate, get } of compiled) {
      const operand = get(row)
      if (typeof result !== 'number' || typeof operand !== 'number') return undefined
      result = operate(result, operand)
    }
    return Number.isFinite(result) ? result : undefined
  }
}
