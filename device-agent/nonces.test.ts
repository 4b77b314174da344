import { expect, test } from 'vitest'
import { newNonces } from './nonces.ts'

test('a nonce is valid for its subject, for a minute, and for the agent that made it', () => {
  let uptime = 5_000.5
  const clock = { uptime: () => uptime }
  const nonces = newNonces(clock)
  const nonce = nonces.make('a')
  expect(nonce).toMatch(/^[A-Za-z0-9_-]{16,128}$/)
  expect(nonces.isValid(nonce, 'a')).toBe(true)
  expect(nonces.isValid(nonce, 'b')).toBe(false)
  expect(newNonces(clock).isValid(nonce, 'a')).toBe(false)
  uptime += 60_000
  expect(nonces.isValid(nonce, 'a')).toBe(true)
  uptime += 1
  expect(nonces.isValid(nonce, 'a')).toBe(false)
})

test('a nonce that was changed in any place is not valid', () => {
  const nonces = newNonces({ uptime: () => 0 })
  const nonce = nonces.make('a')
  for (let index = 0; index < nonce.length - 1; index += 1) {
    const other = nonce[index] === 'x' ? 'y' : 'x'
    expect(nonces.isValid(nonce.slice(0, index) + other + nonce.slice(index + 1), 'a')).toBe(false)
  }
  for (const forged of ['', '-', 'zzzzzz-', `zzzzzz-${nonce.split('-')[1] ?? ''}`]) {
    expect(nonces.isValid(forged, 'a')).toBe(false)
  }
})
