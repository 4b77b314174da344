import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { desiredLock, fileLock } from './update-lock.ts'

const desired = (updateLock: unknown) => ({ iothubDM: { updateLock }, $version: 3 })

describe('the desired update lock', () => {
  test('gives its reason', () => {
    expect(desiredLock(desired({ reason: ' surgery until 14:00 ' }))).toBe('surgery until 14:00')
  })

  test.each([[{}], [{ iothubDM: {} }], [desired(null)], [desired(false)], [undefined], ['text']])(
    'is none in %j',
    (value) => {
      expect(desiredLock(value)).toBeUndefined()
    },
  )

  test.each([[true], [{}], [{ reason: 7 }], [{ reason: '  ' }], ['now'], [1]])(
    'locks without a readable reason as %j',
    (value) => {
      expect(desiredLock(desired(value))).toBe('the desired property updateLock is set')
    },
  )

  test('has a reason that fits into an answer', () => {
    expect(desiredLock(desired({ reason: 'x'.repeat(5_000) }))).toHaveLength(256)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        desiredLock(desired(value))
        desiredLock(value)
      }),
    )
  })
})

describe('a lock file', () => {
  test('says why in its first line', () => {
    expect(fileLock('\nmaintenance by Kim\nsecond line\n')).toBe('maintenance by Kim')
  })

  test.each(['', '\n\n', '\u0000\u0007'])('that says nothing readable (%j) locks all the same', (content) => {
    expect(fileLock(content)).toBe('the update lock of this device is set')
  })

  test('brings no control characters into an answer', () => {
    expect(fileLock('a\u001B[31mb\tc')).toBe('a [31mb c')
  })
})
