import type { JsonObject, JsonValue } from '../hub/json.ts'

/** SQL's third value: a comparison with something that is not there is neither true nor false. */
export type Truth = boolean | undefined

export type Predicate = (twin: JsonObject) => Truth

/** Reads one operand; `undefined` when the twin does not have it. */
export type Getter = (twin: JsonObject) => JsonValue | undefined
