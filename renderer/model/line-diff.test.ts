import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffLines, type DiffLine } from './line-diff.ts'

function side(lines: readonly DiffLine[], other: DiffLine['kind']): string {
  return lines
    .filter(({ kind }) => kind !== other)
    .map(({ text }) => text)
    .join('\n')
}

test('a changed line is taken out and put in, and what is the same stays', () => {
  expect(diffLines('{\n  "a": 1,\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 3\n}')).toEqual([
    { kind: 'same', text: '{' },
    { kind: 'same', text: '  "a": 1,' },
    { kind: 'left', text: '  "b": 2' },
    { kind: 'right', text: '  "b": 3' },
    { kind: 'same', text: '}' },
  ])
})

test('equal texts have no difference', () => {
  expect(diffLines('a\nb', 'a\nb').every(({ kind }) => kind === 'same')).toBe(true)
})

test('an inserted line does not shift the lines below it', () => {
  const lines = diffLines('1\n2\n3\n4', '1\nx\n2\n3\n4')
  expect(lines.filter(({ kind }) => kind !== 'same')).toEqual([{ kind: 'right', text: 'x' }])
})

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '}'), { maxLength: 30 })
  .map((lines) => lines.join('\n'))

test('both texts can be read from the difference, whatever they are', () => {
  fc.assert(
    fc.property(texts, texts, (left, right) => {
      const lines = diffLines(left, right)
      expect(side(lines, 'right')).toBe(left)
      expect(side(lines, 'left')).toBe(right)
    }),
  )
})

test('two answers of 20,000 lines each that share nothing are told apart at once', () => {
  const many = (word: string): string => Array.from({ length: 20_000 }, (_, i) => `${word}${i}`).join('\n')
  const startedAt = performance.now()
  expect(diffLines(many('a'), many('b'))).toHaveLength(40_000)
  expect(performance.now() - startedAt).toBeLessThan(500)
})
