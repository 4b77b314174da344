import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isJsonObject, parseJson, parsePassingJson, toJsonObject } from './json.ts'
import type { JsonObject } from './json.ts'

describe('parseJson', () => {
  test('reads what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(parseJson(JSON.stringify(value)))).toBe(JSON.stringify(value))
      }),
    )
  })

  test('makes objects without a prototype, at every level', () => {
    const parsed = parseJson('{"a":[{"b":{}}],"__proto__":{"polluted":1}}')
    expect(Object.getPrototypeOf(parsed)).toBeNull()
    expect(Object.keys(parsed as object)).toEqual(['a', '__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test.each([
    ['a half', '{"a":'],
    ['nothing', ''],
    ['undefined', 'undefined'],
    ['bad UTF-8', Uint8Array.from([0x22, 0xc3, 0x28, 0x22])],
    ['nesting that exhausts the stack', '['.repeat(200_000) + ']'.repeat(200_000)],
  ])('refuses %s with a SyntaxError', (_what, source) => {
    expect(() => parseJson(source)).toThrow(SyntaxError)
  })
})

test('isJsonObject tells objects from lists, null and scalars', () => {
  expect([{}, [], null, 'x', 1, true, undefined].map(isJsonObject)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ])
})

describe('toJsonObject', () => {
  test('copies a plain value', () => {
    const source = { a: { b: [1] } }
    const copy = toJsonObject(source)
    expect(copy).toEqual(source)
    expect(copy['a']).not.toBe(source.a)
  })

  test('drops what JSON cannot carry', () => {
    expect(toJsonObject({ a: undefined, b: () => 1, c: 1 })).toEqual({ c: 1 })
  })
})

test('what is only passed on is written as it was read, and inherits nothing that a name could find', () => {
  const text = '{"__proto__":{"methodName":"x"},"payload":{"constructor":1,"__proto__":[2]}}'
  const value = parsePassingJson(Buffer.from(text)) as JsonObject
  expect(JSON.stringify(value)).toBe(text)
  expect(value['methodName']).toBeUndefined()
  for (const bad of ['{', '[1,]', '['.repeat(200_000)])
    expect(() => parsePassingJson(bad)).toThrow(SyntaxError)
  expect(() => parsePassingJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(SyntaxError)
})
