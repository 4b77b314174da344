import { describe, expect, test } from 'vitest'
import { AppError, errorCodes, type ErrorCode } from '../../contract/errors.ts'
import { concernsEveryDevice, judgeSendFailure } from './send-failure.ts'

const after = (code: ErrorCode): string => judgeSendFailure(new AppError(code, 'x')).name

describe('a method call that ended in an error', () => {
  test('has failed only where it is certain that nothing ran', () => {
    const failed = errorCodes.filter((code) => after(code) === 'fail')
    expect(failed).toEqual([
      'invalid-input',
      'not-found',
      'unauthorized',
      'forbidden',
      'device-offline',
      'unreachable',
    ])
  })

  test('is unknown where it may have run', () => {
    for (const code of ['timeout', 'unexpected-answer', 'cancelled', 'internal'] as const)
      expect(after(code)).toBe('lose')
  })

  test('waits again where the hub is at its limit, and nobody fails', () => {
    expect(after('throttled')).toBe('defer')
  })

  test('stops the rest where the credential is the reason', () => {
    const stops = errorCodes.filter((code) => concernsEveryDevice(new AppError(code, 'x')))
    expect(stops).toEqual(['unauthorized', 'forbidden'])
  })
})
