import { isJsonObject } from '../hub/json.ts'
import type { JsonValue } from '../hub/json.ts'
import type { FunctionName } from './syntax.ts'
import type { Getter, Predicate, Truth } from './truth.ts'

type Test = (value: JsonValue | undefined, other: JsonValue | undefined) => Truth

const tests: Readonly<Record<FunctionName, Test>> = {
  IS_DEFINED: (value) => value !== undefined,
  IS_NULL: (value) => value === null,
  IS_STRING: (value) => typeof value === 'string',
  IS_NUMBER: (value) => typeof value === 'number',
  IS_BOOL: (value) => typeof value === 'boolean',
  IS_OBJECT: (value) => isJsonObject(value),
  STARTSWITH: onTexts((text, part) => text.startsWith(part)),
  STARTS_WITH: onTexts((text, part) => text.startsWith(part)),
  ENDSWITH: onTexts((text, part) => text.endsWith(part)),
  ENDS_WITH: onTexts((text, part) => text.endsWith(part)),
  CONTAINS: onTexts((text, part) => text.includes(part)),
}

export function compileFunction(name: FunctionName, [first, second]: readonly Getter[]): Predicate {
  const test = tests[name]
  return (twin) => test(first?.(twin), second?.(twin))
}

/** Unknown when a side is not a text. */
function onTexts(test: (text: string, part: string) => boolean): Test {
  return (text, part) => (typeof text === 'string' && typeof part === 'string' ? test(text, part) : undefined)
}
