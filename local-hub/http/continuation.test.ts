import { expect, test } from 'vitest'
import { Continuation } from './continuation.ts'

const continuation = new Continuation()
const first = { query: 'SELECT 1', pageSize: 10 }
const token = continuation.write(first, { after: 42, returned: 7 })

test('a token brings back its cursor', () => {
  expect(continuation.read(first, token)).toEqual({ after: 42, returned: 7 })
})

test.each([
  ['another query', { ...first, query: 'SELECT 2' }, token],
  ['another page size', { ...first, pageSize: 11 }, token],
  ['another position', first, token.replace('.42-', '.43-')],
  ['another count', first, token.replace('-7', '-8')],
  ['no signature', first, '.42-7'],
  ['nonsense', first, 'true'],
  ['nothing', first, ''],
  ['a token of another hub', first, new Continuation().write(first, { after: 42, returned: 7 })],
])('a token with %s is refused', (_what, continued, forged) => {
  expect(() => continuation.read(continued, forged)).toThrow(/x-ms-continuation/)
})
