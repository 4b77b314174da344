import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesPattern } from './pattern.ts'

describe('matchesPattern', () => {
  test.each([
    ['pump', 'pump', true],
    ['pump', 'pumps', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['pump-*', 'pump-7', true],
    ['pump-*', 'fan-7', false],
    ['*-7', 'pump-7', true],
    ['p*p', 'pump', true],
    ['p*p', 'p', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*bc*c', 'abc', false],
    ['a.c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
    ['(a|*', '(a|b)', true],
  ])('%j against %j is %j', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected)
  })

  test('agrees with a regular expression', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(pattern, text, (glob, word) => {
        expect(matchesPattern(glob, word)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(word))
      }),
      { numRuns: 2000 },
    )
  })

  test('no pattern takes long', () => {
    expect(matchesPattern(`${'*a'.repeat(128)}b`, 'a'.repeat(100_000))).toBe(false)
  })
})
