import { describe, expect, test } from 'vitest'
import { AppError, errorCodes, type ErrorCode } from '../../contract/errors.ts'
import { concernsEveryDevice, judgeSendFailure, reasonOfRefusal } from './send-failure.ts'

const after = (code: ErrorCode): string => judgeSendFailure(new AppError(code, 'x')).name

describe('a method call that ended in an error', () => {
  test('has failed only where it is certain that nothing ran', () => {
    const failed = errorCodes.filter((code) => after(code) === 'fail')
    expect(failed).toEqual(['invalid-input', 'not-found', 'conflict', 'device-offline'])
  })

  test('that the hub has refused says what the hub says, for its words name what it does not accept', () => {
    const refused = new AppError('invalid-input', 'The hub did not understand the request: no such thing')
    expect(judgeSendFailure(refused)).toEqual({
      name: 'fail',
      reason: { code: 'hub-refused', detail: refused.message },
    })
  })

  test('is unknown where it may have run', () => {
    for (const code of ['timeout', 'unexpected-answer', 'cancelled', 'internal'] as const)
      expect(after(code)).toBe('lose')
  })

  test('waits again where the reason has nothing to do with the device, and nobody fails', () => {
    const deferred = errorCodes.filter((code) => after(code) === 'defer')
    expect(deferred).toEqual(['unauthorized', 'forbidden', 'throttled', 'unreachable'])
  })

  test('stops the rest where the credential is the reason', () => {
    const stops = errorCodes.filter((code) => concernsEveryDevice(new AppError(code, 'x')))
    expect(stops).toEqual(['unauthorized', 'forbidden'])
  })
})

describe('the plain reason behind a refusal', () => {
  const [connected, away] = [{ connectionState: 'Connected' }, { connectionState: 'Disconnected' }]
  test.each([
    ['offline', { status: 'enabled', ...away }, 'offline'],
    ['offline', { status: 'enabled', ...connected }, 'no-handler'],
    ['offline', { status: 'disabled', ...away }, 'disabled'],
    ['not-found', { status: 'disabled', ...away }, 'disabled'],
    ['not-found', { status: 'enabled', ...away }, 'not-found'],
    ['not-found', undefined, 'not-found'],
  ] as const)('%s of %j is %s', (code, device, reason) => {
    expect(reasonOfRefusal(code, device)).toBe(reason)
  })
})
