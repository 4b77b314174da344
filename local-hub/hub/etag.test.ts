import { expect, test } from 'vitest'
import { etagMatches, etagOfRevision } from './etag.ts'

test.each([
  ['*', true],
  ['"*"', true],
  ['AAAAAAAAAAE=', true],
  ['"AAAAAAAAAAE="', true],
  ['W/"AAAAAAAAAAE="', true],
  ['"AAAAAAAAAAI="', false],
  ['', false],
])('If-Match %s against revision 1: %s', (ifMatch, expected) => {
  expect(etagMatches(ifMatch, etagOfRevision(1))).toBe(expected)
})
