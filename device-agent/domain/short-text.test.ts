import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortText } from './short-text.ts'

test('a text that fits stays as it is', () => {
  expect(shortText('hello', 7)).toBe('hello')
  expect(shortText('', 2)).toBe('')
})

test('a longer one is cut where its JSON would be too long', () => {
  expect(shortText('hello', 6)).toBe('hell')
  expect(shortText('"""', 6)).toBe('""')
  expect(shortText('\u0000\u0000', 10)).toBe('\u0000')
  expect(shortText('äää', 7)).toBe('ää')
})

test('whatever the text is, it fits, is well formed, and is its own beginning', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(
    fc.property(text, fc.integer({ min: 8, max: 300 }), (given, most) => {
      const short = shortText(given, most)
      expect(Buffer.byteLength(JSON.stringify(short))).toBeLessThanOrEqual(most)
      expect(short.isWellFormed()).toBe(true)
      expect(given.toWellFormed().startsWith(short.replace(/\uFFFD$/, ''))).toBe(true)
    }),
  )
})
