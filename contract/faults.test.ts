import { expect, test } from 'vitest'
import { Problem, problemOf } from './app/problem.ts'
import { errorCodes } from './errors.ts'
import { fault, faults } from './faults.ts'
import { fromWire, toWire } from './rpc/wire.ts'

test('every fault has a code, says what happened, and what to do next', () => {
  for (const [id, { code, meaning, step }] of Object.entries(faults)) {
    expect(errorCodes, id).toContain(code)
    expect(meaning, id).not.toBe('')
    expect(step, id).toMatch(/\.$/)
  }
})

test('a fault says its values, and keeps them for other languages', () => {
  const error = fault('too-many-devices', { devices: 12, most: 10 })
  expect(error.message).toBe('12 devices are more than the 10 that may be touched at once.')
  expect(problemOf(error)).toEqual({
    code: 'conflict',
    message: error.message,
    nextStep: 'Choose fewer devices, or raise the limit in the policy.',
    fault: 'too-many-devices',
    values: { devices: 12, most: 10 },
  })
})

test('a value that looks like a place for another one is left as it is', () => {
  expect(fault('file-key-unknown', { line: 3, file: '{place}$&', place: 'x' }).message).toBe(
    'Line 3 of {place}$&: x is not known here.',
  )
})

test('of a value that somebody else wrote no more is kept than it takes to know it', () => {
  const { message, values } = fault('hub-not-understood', { detail: 'x'.repeat(10_000) })
  expect(message.length).toBeLessThan(400)
  expect(String(values?.['detail']).length).toBe(300)
})

test('a fault is the same fault on the other side of the bridge', () => {
  const sent = toWire(fault('patch-bytes', { bytes: 40_000, most: 32_768 }))
  expect(toWire(fromWire(sent))).toEqual(sent)
  expect(sent).toMatchObject({ fault: 'patch-bytes', values: { bytes: 40_000 }, field: 'patch' })
})

test('what is no fault says nothing of itself', () => {
  expect(toWire(new TypeError('secret'))).toEqual(problemOf(fault('bug')))
})

test('a problem of an older journal is read as it was written', () => {
  const old = { code: 'unauthorized', message: 'The hub does not accept this key.' }
  expect(Problem.parse(old)).toEqual(old)
})
