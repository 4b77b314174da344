import { expect, test } from 'vitest'
import { checkPatch, checkPayload, longestJson } from './json-check.ts'

test.each(['', '  \n'])('a payload of %j is empty', (text) => {
  expect(checkPayload(text)).toEqual({ kind: 'empty' })
})

test.each(['null', '0', '"x"', '[1]', '{"a":{}}'])('any JSON value is a payload: %s', (text) => {
  expect(checkPayload(text)).toEqual({ kind: 'valid' })
})

test('a mistake comes with its place', () => {
  expect(checkPayload('{"a":\n}')).toMatchObject({ kind: 'mistake', mistake: { line: 2, column: 1 } })
  expect(checkPatch('{"a":')).toMatchObject({ kind: 'mistake', mistake: { kind: 'end' } })
})

test('more than a hub takes is told before it is sent', () => {
  expect(checkPayload(`"${'x'.repeat(longestJson)}"`)).toEqual({ kind: 'too-long' })
})

test.each(['1', '"x"', '[{"a":1}]', 'null'])('%s is JSON, but no patch', (text) => {
  expect(checkPatch(text)).toEqual({ kind: 'not-object' })
})

test('a patch is an object that says something', () => {
  expect(checkPatch(' { \n } ')).toEqual({ kind: 'empty-object' })
  expect(checkPatch('{"site": null}')).toEqual({ kind: 'valid' })
  expect(checkPatch('')).toEqual({ kind: 'empty' })
})
