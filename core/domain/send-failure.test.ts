import { describe, expect, test } from 'vitest'
import { AppError, errorCodes, type ErrorCode } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
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

  test('is remembered by its name and its values, so that every language has its words', () => {
    const refused = fault('hub-not-understood', { detail: 'no such thing' })
    expect(judgeSendFailure(refused)).toMatchObject({
      reason: { detail: refused.message, fault: 'hub-not-understood', values: { detail: 'no such thing' } },
    })
    expect(judgeSendFailure(fault('device-late'))).toEqual({
      name: 'lose',
      reason: { code: 'no-answer', detail: 'The device did not answer in time.', fault: 'device-late' },
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
