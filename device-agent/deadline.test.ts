import { expect, test } from 'vitest'
import { withDeadline } from './deadline.ts'
import { fakeClock } from './testing/fake-clock.ts'

const clock = fakeClock()
const deadline = { clock, timeoutMs: 1_000, what: 'get twin' }

test('work that settles in time settles so', async () => {
  expect(await withDeadline(Promise.resolve(7), deadline)).toBe(7)
  await expect(withDeadline(Promise.reject(new Error('no')), deadline)).rejects.toThrow('no')
})

test('a deadline that was met leaves no timer behind', async () => {
  await withDeadline(Promise.resolve(7), deadline)
  expect(clock.sleepers).toBe(0)
})

test('work that never settles is given up, by name', async () => {
  const given = withDeadline(new Promise(() => undefined), deadline)
  const refused = expect(given).rejects.toThrow('get twin: no answer within 1000 ms')
  await clock.advance(1_000)
  await refused
})

test('work that fails late fails nobody', async () => {
  const late = Promise.withResolvers<never>()
  const given = withDeadline(late.promise, deadline).catch((error: unknown) => String(error))
  await clock.advance(1_000)
  late.reject(new Error('late'))
  expect(await given).toContain('no answer')
})
