import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readUpdateLock } from './update-lock.ts'

const desired = (updateLock: unknown) => ({ iothubDM: { updateLock }, $version: 3 })

describe('the desired update lock', () => {
  test('gives its reason', () => {
    expect(readUpdateLock(desired({ reason: ' surgery until 14:00 ' }))).toBe('surgery until 14:00')
  })

  test.each([[{}], [{ iothubDM: {} }], [desired(null)], [desired(false)], [undefined], ['text']])(
    'is none in %j',
    (value) => {
      expect(readUpdateLock(value)).toBeUndefined()
    },
  )

  test.each([[true], [{}], [{ reason: 7 }], [{ reason: '  ' }], ['now'], [1]])(
    'locks without a readable reason as %j',
    (value) => {
      expect(readUpdateLock(desired(value))).toBe('the desired property updateLock is set')
    },
  )

  test('has a reason that fits into an answer', () => {
    expect(readUpdateLock(desired({ reason: 'x'.repeat(5_000) }))).toHaveLength(256)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readUpdateLock(desired(value))
        readUpdateLock(value)
      }),
    )
  })
})
