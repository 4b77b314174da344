import rhea from 'rhea'
import { describe, expect, test } from 'vitest'
import {
  annotationOf,
  bodyOf,
  bytesBody,
  jsonBody,
  propertiesOf,
  textOf,
  timeOf,
  userIdOf,
} from './message-parts.ts'

const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e'

test.each<[unknown, string | undefined]>([
  ['text', 'text'],
  ['', ''],
  [7, '7'],
  [true, 'true'],
  [rhea.string_to_uuid(uuid), uuid],
  [Buffer.from('abc'), 'abc'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [new Date(NaN), undefined],
  [undefined, undefined],
  [null, undefined],
  [{}, undefined],
  [[1], undefined],
])('the text of %j is %j', (value, expected) => {
  expect(textOf(value)).toBe(expected)
})

test('a user id of sixteen bytes is no UUID', () => {
  expect(userIdOf(Buffer.from('sixteen bytes 16'))).toBe('sixteen bytes 16')
})

describe('bodyOf', () => {
  test.each<[string, unknown, string]>([
    ['bytes', bytesBody(Buffer.from('a')), 'a'],
    ['JSON', jsonBody('{"a":1}'), '{"a":1}'],
    ['several parts', rhea.message.data_sections([Buffer.from('a'), Buffer.from('b')]), 'ab'],
    ['a text', 'text', 'text'],
    ['nothing', undefined, ''],
  ])('reads %s', (_what, body, expected) => {
    expect(bodyOf({ body }).toString()).toBe(expected)
  })

  test.each<[string, unknown]>([
    ['a number', 7],
    ['a map', { a: 1 }],
    ['a sequence', rhea.message.sequence_section([1, 2])],
  ])('refuses %s', (_what, body) => {
    expect(() => bodyOf({ body })).toThrow(/should be bytes/)
  })
})

test('properties become texts, and what has none is refused', () => {
  expect(propertiesOf({ body: '', application_properties: { a: 1, b: 'x', c: false } })).toEqual({
    a: '1',
    b: 'x',
    c: 'false',
  })
  expect(propertiesOf({ body: '' })).toEqual({})
  expect(() => propertiesOf({ body: '', application_properties: { a: [1] } })).toThrow(/property a/)
})

test('an annotation is one of the message, never one that all objects have', () => {
  expect(annotationOf({ body: '', message_annotations: { operation: 'GET' } }, 'operation')).toBe('GET')
  expect(annotationOf({ body: '', message_annotations: {} }, 'constructor')).toBeUndefined()
  expect(annotationOf({ body: '' }, 'operation')).toBeUndefined()
})

test('a time is a timestamp that a calendar has', () => {
  expect([timeOf(undefined), timeOf(new Date(5)), timeOf(7)]).toEqual([undefined, 5, 7])
  for (const bad of ['soon', 1e20, NaN]) expect(() => timeOf(bad)).toThrow(/timestamp/)
})
