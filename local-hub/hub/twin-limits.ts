import { invalid } from './hub-error.ts'
import { isJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#tags-and-properties-format */
const limits = { depth: 10, keyBytes: 1024, stringBytes: 4096, integer: 4503599627370496 } as const

/** Bytes of each section. */
export const sectionBytes = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 } as const

// C0 and C1 control characters, dot, dollar and space.
// eslint-disable-next-line no-control-regex -- control characters are what the rule looks for
const forbiddenInKey = /[\u0000-\u001f\u007f-\u009f.$ ]/

// eslint-disable-next-line no-control-regex -- the documented size leaves control characters out
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g

/** Throws ArgumentInvalid when a patch has a key, a value or a depth that a twin cannot hold. */
export function assertTwinPatch(patch: JsonObject): void {
  assertObject(patch, 1)
}

/** Throws ArgumentInvalid when a whole section has grown too large. */
export function assertSectionSize(name: keyof typeof sectionBytes, value: JsonObject): void {
  const size = sizeOf(value)
  if (size > sectionBytes[name]) {
    throw invalid(`The size of ${name} is ${size} bytes and exceeds the limit of ${sectionBytes[name]} bytes`)
  }
}

function assertObject(object: JsonObject, depth: number): void {
  if (depth > limits.depth)
    throw invalid(`The depth of tags and properties should be at most ${limits.depth}`)
  for (const [key, value] of Object.entries(object)) {
    assertKey(key)
    assertValue(value, depth)
  }
}

function assertKey(key: string): void {
  if (forbiddenInKey.test(key))
    throw invalid("A property or tag name has no control character, '.', '$' or ' '")
  if (key === '' || Buffer.byteLength(key) > limits.keyBytes) {
    throw invalid(`A property or tag name should be 1 to ${limits.keyBytes} bytes`)
  }
}

function assertValue(value: JsonValue, depth: number): void {
  if (isJsonObject(value)) return assertObject(value, depth + 1)
  if (Array.isArray(value)) return assertArray(value as readonly JsonValue[], depth + 1)
  if (typeof value === 'string' && Buffer.byteLength(value) > limits.stringBytes) {
    throw invalid(`Property or Tag value should be maximum ${limits.stringBytes} bytes`)
  }
  if (Number.isInteger(value) && Math.abs(value as number) > limits.integer) {
    throw invalid(`An integer should be between -${limits.integer} and ${limits.integer}`)
  }
}

function assertArray(values: readonly JsonValue[], depth: number): void {
  if (depth > limits.depth)
    throw invalid(`The depth of tags and properties should be at most ${limits.depth}`)
  for (const value of values) assertValue(value, depth)
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size */
function sizeOf(value: JsonValue): number {
  if (value === null) return 0
  if (typeof value === 'number') return 8
  if (typeof value === 'boolean') return 4
  if (typeof value === 'string') return textSize(value)
  if (Array.isArray(value)) return sum((value as readonly JsonValue[]).map(sizeOf))
  return sum(Object.entries(value).map(([key, entry]) => textSize(key) + sizeOf(entry)))
}

function textSize(text: string): number {
  return Buffer.byteLength(text.replace(controlCharacters, ''))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
