import type { JsonValue } from '../hub/json.ts'

/** A query, parsed. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language */
export interface Query {
  readonly source: Source
  /** The most rows that are wanted in all. */
  readonly top: number | undefined
  /** `undefined` is `*`. */
  readonly columns: readonly Column[] | undefined
  readonly where: Expression | undefined
  readonly groupBy: Path | undefined
}

export interface Source {
  /** For example `devices.modules`. */
  readonly name: string
  /** Where it is in the text. */
  readonly offset: number
}

export type Column = PathColumn | AggregateColumn

export interface PathColumn {
  readonly kind: 'path'
  readonly path: Path
  readonly alias: string | undefined
}

export interface AggregateColumn {
  readonly kind: 'aggregate'
  readonly name: AggregateName
  /** COUNT has none. */
  readonly path: Path | undefined
  readonly alias: string
  readonly offset: number
}

export type AggregateName = 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX'

/** Every expression has a value; conditions are those with the value `true`. */
export type Expression =
  | Path
  | { readonly kind: 'literal'; readonly value: JsonValue | undefined }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'comparison'
      readonly operator: Operator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'membership'
      readonly isNegated: boolean
      readonly operand: Expression
      readonly values: readonly JsonValue[]
    }
  | { readonly kind: 'arithmetic'; readonly first: Expression; readonly steps: readonly ArithmeticStep[] }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Expression[] }

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** `a - b - c` is one node of two steps, so that a long sum is not a deep tree. */
export interface ArithmeticStep {
  readonly operator: ArithmeticOperator
  readonly operand: Expression
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

export interface Path {
  readonly kind: 'path'
  readonly segments: readonly string[]
  readonly offset: number
}

/** Functions with the least and the most operands that they take. */
export const functionArity = {
  ABS: [1, 1],
  EXP: [1, 1],
  POWER: [2, 2],
  SQUARE: [1, 1],
  CEILING: [1, 1],
  FLOOR: [1, 1],
  SIGN: [1, 1],
  SQRT: [1, 1],
  AS_NUMBER: [1, 1],
  IS_ARRAY: [1, 1],
  IS_BOOL: [1, 1],
  IS_DEFINED: [1, 1],
  IS_NULL: [1, 1],
  IS_NUMBER: [1, 1],
  IS_OBJECT: [1, 1],
  IS_PRIMITIVE: [1, 1],
  IS_STRING: [1, 1],
  CONCAT: [2, Infinity],
  LENGTH: [1, 1],
  LOWER: [1, 1],
  UPPER: [1, 1],
  SUBSTRING: [2, 3],
  INDEX_OF: [2, 2],
  STARTS_WITH: [2, 2],
  STARTSWITH: [2, 2],
  ENDS_WITH: [2, 2],
  ENDSWITH: [2, 2],
  CONTAINS: [2, 2],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>

export type FunctionName = keyof typeof functionArity
