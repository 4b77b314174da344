import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { PortUnavailable, close, listen } from './listen.ts'

test('a port that is taken is refused, and free again when who had it is gone', async () => {
  const [first, second] = [createServer(), createServer()]
  const port = await listen(first, 0)
  await expect(listen(second, port)).rejects.toThrow(
    expect.objectContaining({ port, message: `Port ${port} on 127.0.0.1 is already in use.` }),
  )
  await close(first)
  expect(await listen(second, port)).toBe(port)
  await close(second)
})

test.each([
  ['EACCES', 'Port 443 on 127.0.0.1 is for administrators only.'],
  ['EADDRNOTAVAIL', 'Port 443 on 127.0.0.1 is not available.'],
])('%s is said in words', (code, words) => {
  expect(new PortUnavailable(443, Object.assign(new Error(code), { code })).message).toBe(words)
})
