import { expect, test } from 'vitest'
import { checkTestToken, isTestToken } from './test-token.ts'

test('a token that a header can carry is taken as it is', () => {
  expect(checkTestToken('eyJ0-._~+/=')).toBe('eyJ0-._~+/=')
})

test.each(['', 'short', 'with space', 'line\nbreak', 'ünsafe-token'])('the token %j is refused', (token) => {
  expect(() => checkTestToken(token)).toThrow(RangeError)
})

test.each([
  ['Bearer test-token', true],
  ['bearer   test-token', true],
  ['Bearer test-token ', false],
  ['Bearer TEST-TOKEN', false],
  ['test-token', false],
  ['SharedAccessSignature test-token', false],
  ['', false],
])('%j is the test token: %s', (authorization, expected) => {
  expect(isTestToken(authorization, 'test-token')).toBe(expected)
})

test('a hub without a test token accepts none', () => {
  for (const authorization of ['Bearer undefined', 'Bearer x', 'Bearer ', '']) {
    expect(isTestToken(authorization, undefined)).toBe(false)
  }
})
