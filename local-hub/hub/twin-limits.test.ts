import { describe, expect, test } from 'vitest'
import { HubError } from './hub-error.ts'
import { toJsonObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { assertSectionSize, assertTwinPatch, assertWholeSection, sectionBytes } from './twin-limits.ts'

/** A value within so many objects. */
function nested(levels: number): JsonObject {
  return levels === 0 ? { leaf: 1 } : { a: nested(levels - 1) }
}

describe('assertTwinPatch', () => {
  test.each<[string, Record<string, unknown>]>([
    // As in the example of the documentation, with `one` to `ten`.
    ['ten levels', nested(10)],
    ['nine levels and an array', { a: nested(8), b: { c: [[[[[[[[[1]]]]]]]]] } }],
    ['a key of 1 KB', { ['k'.repeat(1024)]: 1 }],
    ['a text of 4 KB', { a: 'x'.repeat(4096) }],
    ['the largest integer', { a: 4503599627370495 }],
    ['the least integer', { a: -4503599627370496 }],
    ['a fraction', { a: 0.1 }],
    ['null', { a: null }],
    ['a list of objects', { a: [{ b: 1 }] }],
    ['the key __proto__', JSON.parse('{"__proto__":1}') as Record<string, unknown>],
    ['a key in Korean', { 온도: 1 }],
  ])('accepts %s', (_what, patch) => {
    expect(() => {
      assertTwinPatch(toJsonObject(patch))
    }).not.toThrow()
  })

  test.each<[string, Record<string, unknown>]>([
    ['eleven levels', nested(11)],
    ['eleven levels of arrays', { a: [[[[[[[[[[[1]]]]]]]]]]] }],
    ['a key over 1 KB', { ['é'.repeat(513)]: 1 }],
    ['an empty key', { '': 1 }],
    ['a dot', { 'a.b': 1 }],
    ['a dollar', { $a: 1 }],
    ['a space', { 'a b': 1 }],
    ['a control character', { 'a\u0007': 1 }],
    ['a C1 control character', { 'a\u0085': 1 }],
    ['a text over 4 KB', { a: 'x'.repeat(4097) }],
    ['a text over 4 KB in a list', { a: ['x'.repeat(4097)] }],
    ['an integer beyond the greatest', { a: 4503599627370496 }],
    ['an integer beyond the least', { a: -4503599627370497 }],
    ['null in an array', { a: [1, null] }],
    ['null in an object in an array', { a: [{ b: null }] }],
    ['a bad key in a list', { a: [{ 'b.c': 1 }] }],
  ])('refuses %s', (_what, patch) => {
    expect(() => {
      assertTwinPatch(toJsonObject(patch))
    }).toThrow(HubError)
  })
})

test('null has nothing to remove in the place of a whole section, and in an array, and is refused by its name', () => {
  // https://github.com/Azure/azure-iot-cli-extension/issues/693
  expect(() => {
    assertWholeSection(toJsonObject({ a: { 'my-tag': null } }))
  }).toThrow('Value of Property or Tag cannot be null. Error in Property/Tag my-tag')
  expect(() => {
    assertTwinPatch(toJsonObject({ a: [{ b: null }] }))
  }).toThrow('Value of Property or Tag cannot be null. Error in Property/Tag b')
  expect(() => {
    assertWholeSection(toJsonObject({ a: { b: [1] } }))
  }).not.toThrow()
})

describe('assertSectionSize', () => {
  const fill = (bytes: number): JsonObject => ({ k: 'x'.repeat(bytes - 1) })

  test.each(Object.entries(sectionBytes))('%s may have %d bytes and not one more', (name, bytes) => {
    const section = name as keyof typeof sectionBytes
    expect(() => {
      assertSectionSize(section, fill(bytes))
    }).not.toThrow()
    expect(() => {
      assertSectionSize(section, fill(bytes + 1))
    }).toThrow(/exceeds the limit/)
  })

  test('numbers count 8, booleans 4, control characters nothing', () => {
    const many = (value: unknown, count: number) =>
      toJsonObject({ a: Array.from({ length: count }, () => value) })
    const fits = (section: JsonObject) => () => {
      assertSectionSize('tags', section)
    }
    expect(fits(many(1.5, 1023))).not.toThrow()
    expect(fits(many(1.5, 1024))).toThrow()
    expect(fits(many(true, 2047))).not.toThrow()
    expect(fits(many(true, 2048))).toThrow()
    expect(fits(many('\u0001'.repeat(100), 1000))).not.toThrow()
  })
})
