import { describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { parseTypedJson, placeAt } from './json.ts'

function mistakeOf(text: string): unknown {
  try {
    parseTypedJson(text, 'payload')
  } catch (error) {
    return error
  }
  return undefined
}

describe('JSON that a person typed', () => {
  test('is read, and nothing is null', () => {
    expect(parseTypedJson(' {"a": [1, null]} ', 'payload')).toEqual({ a: [1, null] })
    expect(parseTypedJson(' \n', 'payload')).toBeNull()
  })

  test.each([
    ['{\n  "a": 1,\n}', { line: 3, column: 1 }],
    ['{"a" 1}', { line: 1, column: 6 }],
    ['{"a": 1', { line: 1, column: 8 }],
    ['// no\n1', { line: 1, column: 1 }],
  ])('with a mistake, %j, is refused with its place in every language', (text, place) => {
    const error = mistakeOf(text)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: 'invalid-input', field: 'payload', fault: 'not-json', values: place })
  })
})

test('a place is counted from one', () => {
  expect(placeAt('', 0)).toEqual({ line: 1, column: 1 })
  expect(placeAt('ab\ncd', 4)).toEqual({ line: 2, column: 2 })
})
