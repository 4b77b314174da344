import { describe, expect, test } from 'vitest'
import { fileLock } from './update-lock.ts'

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
