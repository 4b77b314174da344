import { expect, test } from 'vitest'
import { Continuation } from './continuation.ts'

const continuation = new Continuation()
const token = continuation.write('SELECT 1', 42)

test('a token brings back its position', () => {
  expect(continuation.read('SELECT 1', token)).toBe(42)
})

test.each([
  ['another query', 'SELECT 2', token],
  ['another position', 'SELECT 1', token.replace('.42', '.43')],
  ['no signature', 'SELECT 1', '.42'],
  ['nonsense', 'SELECT 1', 'true'],
  ['nothing', 'SELECT 1', ''],
  ['a token of another hub', 'SELECT 1', new Continuation().write('SELECT 1', 42)],
])('a token with %s is refused', (_what, query, forged) => {
  expect(() => continuation.read(query, forged)).toThrow(/x-ms-continuation/)
})
