import type { JsonValue } from '../hub/json.ts'

/** SQL's third value: a comparison with something that is not there is neither true nor false. */
export type Truth = boolean | undefined

/** Computes one expression over a row; `undefined` when the row does not have what it needs. */
export type Getter<Row> = (row: Row) => JsonValue | undefined
