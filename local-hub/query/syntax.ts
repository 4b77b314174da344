import type { JsonValue } from '../hub/json.ts'

/** A query, parsed. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language */
export interface Query {
  readonly projection: Projection
  readonly where: Expression | undefined
}

export type Projection =
  | { readonly kind: 'all' }
  | { readonly kind: 'count'; readonly alias: string }
  | { readonly kind: 'paths'; readonly items: readonly ProjectedPath[] }

export interface ProjectedPath {
  readonly path: Path
  readonly alias: string
}

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'comparison'
      readonly operator: Operator
      readonly left: Operand
      readonly right: Operand
    }
  | {
      readonly kind: 'membership'
      readonly isNegated: boolean
      readonly operand: Operand
      readonly values: readonly JsonValue[]
    }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Operand[] }
  | { readonly kind: 'truth'; readonly operand: Operand }

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

export type Operand = Path | Literal

export interface Path {
  readonly kind: 'path'
  readonly segments: readonly string[]
}

export interface Literal {
  readonly kind: 'literal'
  readonly value: JsonValue
}

/** Functions and how many operands they take. */
export const functionArity = {
  IS_DEFINED: 1,
  IS_NULL: 1,
  IS_STRING: 1,
  IS_NUMBER: 1,
  IS_BOOL: 1,
  IS_OBJECT: 1,
  STARTSWITH: 2,
  STARTS_WITH: 2,
  ENDSWITH: 2,
  ENDS_WITH: 2,
  CONTAINS: 2,
} as const

export type FunctionName = keyof typeof functionArity
