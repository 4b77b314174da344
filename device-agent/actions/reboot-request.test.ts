import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRebootCall } from './reboot-request.ts'

const payload = { actionId: '01JABC', notAfter: '2026-01-01T00:00:00Z' }

describe('the payload of a reboot', () => {
  test('with an action id is the action of that id', () => {
    expect(readRebootCall({ ...payload, delaySeconds: 5, reason: 'why', unknown: 1 })).toEqual({
      ...{ kind: 'wanted', actionId: '01JABC', parameters: '[5,"why"]', request: { reason: 'why' } },
      ...{ notAfter: Date.UTC(2026, 0, 1), delayMs: 5_000 },
    })
  })

  test('may be encoded twice, as the firmware tutorial does', () => {
    expect(readRebootCall(JSON.stringify(payload))).toEqual(readRebootCall(payload))
  })

  test.each([[null], [undefined], [{}], [''], ['null'], ['{}'], ['  ']])(
    '%j is no payload: the tutorial',
    (value) => {
      expect(readRebootCall(value)).toEqual({
        ...{ kind: 'wanted', parameters: 'tutorial', request: {} },
        answer: { status: 200, payload: 'Reboot started' },
      })
    },
  )

  test.each([
    ['a number', 5, 'object'],
    ['a list', [], 'object'],
    ['text that is not JSON', 'now!', 'object'],
    ['no actionId', { notAfter: payload.notAfter }, 'actionId'],
    ['an actionId of strange characters', { ...payload, actionId: '../x' }, 'actionId'],
    ['an actionId that is too long', { ...payload, actionId: 'a'.repeat(65) }, 'actionId'],
    ['no notAfter', { actionId: 'a' }, 'notAfter'],
    ['a notAfter that is no instant', { ...payload, notAfter: 'tomorrow' }, 'notAfter'],
    ['a delay that is negative', { ...payload, delaySeconds: -1 }, 'delaySeconds'],
    ['a delay of days', { ...payload, delaySeconds: 86_400 }, 'delaySeconds'],
    ['a reason that is too long', { ...payload, reason: 'x'.repeat(257) }, 'reason'],
  ])('that is or has %s is invalid, and the answer names what is wrong', (_, value, named) => {
    const request = readRebootCall(value)
    expect(request.kind).toBe('invalid')
    expect(request).toHaveProperty('reason', expect.stringContaining(named))
  })

  test('that is invalid is answered under its action id when that can be read', () => {
    expect(readRebootCall({ actionId: 'a' })).toHaveProperty('actionId', 'a')
    expect(readRebootCall({ actionId: 7 })).toHaveProperty('actionId', undefined)
  })

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        expect(['wanted', 'invalid']).toContain(readRebootCall(value).kind)
      }),
    )
  })
})

describe('the parameters of a reboot', () => {
  const parametersOf = (value: object) => {
    const call = readRebootCall(value)
    return call.kind === 'wanted' ? call.parameters : undefined
  }

  test('say what is asked for, not until when', () => {
    expect(parametersOf({ ...payload, notAfter: '2027-01-01T00:00:00Z' })).toBe(parametersOf(payload))
    expect(parametersOf({ ...payload, delaySeconds: 0 })).toBe(parametersOf(payload))
  })

  test('differ when the delay or the reason differs', () => {
    const texts = [payload, { ...payload, delaySeconds: 1 }, { ...payload, reason: '1' }].map(parametersOf)
    expect(new Set(texts).size).toBe(3)
  })
})

test('the time of the call is kept where the caller tells it', () => {
  const issued = readRebootCall({ ...payload, issuedAt: '2025-12-31T23:50:00Z' })
  expect(issued).toMatchObject({ issuedAt: Date.UTC(2025, 11, 31, 23, 50) })
})
