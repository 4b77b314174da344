import { invalid } from './hub-error.ts'
import type { HubError } from './hub-error.ts'
import { isJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#tags-and-properties-format */
const limits = {
  /** Objects and arrays within each other, in a section. */
  depth: 10,
  keyBytes: 1024,
  stringBytes: 4096,
  leastInteger: -4503599627370496,
  greatestInteger: 4503599627370495,
} as const

/** Bytes of each section. */
export const sectionBytes = { tags: 8 * 1024, desired: 32 * 1024, reported: 32 * 1024 } as const

// C0 and C1 control characters, dot, dollar and space.
// eslint-disable-next-line no-control-regex -- control characters are what the rule looks for
const forbiddenInKey = /[\u0000-\u001f\u007f-\u009f.$ ]/

// eslint-disable-next-line no-control-regex -- the documented size leaves control characters out
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g

/** Throws ArgumentInvalid when a patch has a key, a value or a depth that a twin cannot hold; `null` removes. */
export function assertTwinPatch(patch: JsonObject): void {
  assertObject(patch, { depth: 0, mayRemove: true })
}

/** The same for what takes the place of a whole section, where there is nothing to remove. */
export function assertWholeSection(section: JsonObject): void {
  assertObject(section, { depth: 0, mayRemove: false })
}

/** Throws ArgumentInvalid when a whole section has grown too large. */
export function assertSectionSize(name: keyof typeof sectionBytes, value: JsonObject): void {
  const size = sizeOf(value)
  if (size > sectionBytes[name]) {
    throw invalid(`The size of ${name} is ${size} bytes and exceeds the limit of ${sectionBytes[name]} bytes`)
  }
}

interface Place {
  readonly depth: number
  readonly mayRemove: boolean
}

function assertObject(object: JsonObject, place: Place): void {
  assertDepth(place)
  for (const [key, value] of Object.entries(object)) {
    assertKey(key)
    if (value !== null) assertValue(key, value, place)
    else if (!place.mayRemove) throw nullRefused(key)
  }
}

function assertKey(key: string): void {
  if (forbiddenInKey.test(key))
    throw invalid("A property or tag name has no control character, '.', '$' or ' '")
  if (key === '' || Buffer.byteLength(key) > limits.keyBytes) {
    throw invalid(`A property or tag name should be 1 to ${limits.keyBytes} bytes`)
  }
}

function assertValue(key: string, value: JsonValue, { depth, mayRemove }: Place): void {
  if (isJsonObject(value)) return assertObject(value, { depth: depth + 1, mayRemove })
  if (Array.isArray(value)) return assertArray(key, value as readonly JsonValue[], depth + 1)
  if (typeof value === 'string' && Buffer.byteLength(value) > limits.stringBytes) {
    throw invalid(`Property or Tag value should be maximum ${limits.stringBytes} bytes.${errorIn(key)}`)
  }
  if (typeof value === 'number' && Number.isInteger(value)) assertInteger(key, value)
}

function assertInteger(key: string, value: number): void {
  const { leastInteger, greatestInteger } = limits
  if (value >= leastInteger && value <= greatestInteger) return
  throw invalid(`An integer should be between ${leastInteger} and ${greatestInteger}.${errorIn(key)}`)
}

/** An array is replaced as a whole: a `null` in it would remove nothing. https://github.com/Azure/azure-iot-sdk-csharp/issues/1741 */
function assertArray(key: string, values: readonly JsonValue[], depth: number): void {
  assertDepth({ depth })
  for (const value of values) {
    if (value === null) throw nullRefused(key)
    assertValue(key, value, { depth, mayRemove: false })
  }
}

function assertDepth({ depth }: Pick<Place, 'depth'>): void {
  if (depth <= limits.depth) return
  throw invalid(`The depth of tags and properties should be at most ${limits.depth}`)
}

function nullRefused(key: string): HubError {
  return invalid(`Value of Property or Tag cannot be null.${errorIn(key)}`)
}

function errorIn(key: string): string {
  return ` Error in Property/Tag ${key.slice(0, 64)}`
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
