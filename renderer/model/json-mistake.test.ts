import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findMistake } from './json-mistake.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test.each([
  ['{"a": 1,}', 'name', 1, 9],
  ['{\n  "a": 1\n  "b": 2\n}', 'separator', 3, 3],
  ['{"a" 1}', 'colon', 1, 6],
  ['{a: 1}', 'name', 1, 2],
  ["{'a': 1}", 'name', 1, 2],
  ['{"a": }', 'value', 1, 7],
  ['[1, 2,]', 'value', 1, 7],
  ['{"a": True}', 'value', 1, 7],
  ['[01]', 'value', 1, 2],
  ['{"a": 1}}', 'nothing', 1, 9],
  ['{} {}', 'nothing', 1, 4],
  ['{"a": "x', 'text', 1, 7],
  ['{"a": "\\q"}', 'text', 1, 7],
  ['"two\nlines"', 'text', 1, 1],
  ['[1, 2', 'end', 1, 6],
  ['[1}', 'separator', 1, 3],
  ['', 'end', 1, 1],
] as const)('in %j the first mistake is %s at line %i, column %i', (text, ...mistake) => {
  const { kind, line, column } = findMistake(text) ?? {}
  expect([kind, line, column]).toEqual(mistake)
})

test.each(['{}', '[]', 'null', ' [1, -2.5e3, "\\u00e9", {"a": {"b": []}}] ', '"<script>"'])(
  'in %j there is no mistake',
  (text) => {
    expect(findMistake(text)).toBeUndefined()
  },
)

test('whatever JSON.stringify writes has no mistake', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      expect(findMistake(JSON.stringify(value, null, indent))).toBeUndefined()
    }),
  )
})

test('a text has a mistake exactly when JSON.parse refuses it', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '1',
      '0',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      'x',
    ],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      expect(findMistake(text) === undefined, text).toBe(isJson(text))
    }),
    { numRuns: 3_000 },
  )
})

test('deep nesting is read without running out of stack', () => {
  expect(findMistake('['.repeat(60_000))).toMatchObject({ kind: 'end' })
  expect(findMistake('['.repeat(60_000) + ']'.repeat(60_000))).toBeUndefined()
})
