import { describe, expect, test } from 'vitest'
import { parseFaultPlan, parseFaultText } from './fault-plan.ts'

const withRule = (rule: object) => ({ rules: [{ effect: { kind: 'reset' } }, rule] })

describe('parseFaultPlan', () => {
  test('fills in what may be left out', () => {
    expect(parseFaultPlan({ rules: [{ effect: { kind: 'status', status: 503 } }] })).toEqual({
      seed: 1,
      rules: [{ rate: 1, effect: { kind: 'status', status: 503, errorCode: 'InjectedFault' } }],
    })
  })

  test.each([
    { kind: 'status', status: 404, errorCode: 'DeviceNotFound' },
    { kind: 'status', status: 429, errorCode: 'ThrottlingException', retryAfterSeconds: 5 },
    { kind: 'silence' },
    { kind: 'reset' },
    { kind: 'lostResponse' },
    { kind: 'slow', delayMs: 1500 },
    { kind: 'captivePortal' },
    { kind: 'wrongClock', offsetSeconds: -7200 },
  ])('knows the effect %j', (effect) => {
    const rule = {
      operation: 'directMethod',
      method: 'reboot',
      device: 'pump-*',
      rate: 0.2,
      count: 3,
      effect,
    }
    expect(parseFaultPlan({ seed: 7, rules: [rule] }).rules).toEqual([rule])
  })

  test.each<[unknown, RegExp]>([
    [null, /^the plan: /],
    [[], /^the plan: /],
    [{}, /^rules: /],
    [{ rules: [], sede: 1 }, /^the plan: .*sede/],
    [withRule({}), /^rules\[1\]\.effect: /],
    [withRule({ effect: { kind: 'explode' } }), /^rules\[1\]\.effect\.kind: /],
    [withRule({ effect: { kind: 'status' } }), /^rules\[1\]\.effect\.status: /],
    [withRule({ effect: { kind: 'status', status: 200 } }), /^rules\[1\]\.effect\.status: .*400/],
    [
      withRule({ effect: { kind: 'status', status: 500, errorCode: 'a\r\nb' } }),
      /^rules\[1\]\.effect\.errorCode: /,
    ],
    [withRule({ effect: { kind: 'slow', delayMs: 0 } }), /^rules\[1\]\.effect\.delayMs: /],
    [withRule({ rate: 0, effect: { kind: 'reset' } }), /^rules\[1\]\.rate: /],
    [withRule({ rate: 1.1, effect: { kind: 'reset' } }), /^rules\[1\]\.rate: /],
    [withRule({ count: 0, effect: { kind: 'reset' } }), /^rules\[1\]\.count: /],
    [withRule({ operation: 'reboot', effect: { kind: 'reset' } }), /^rules\[1\]\.operation: .*directMethod/],
    [withRule({ operation: 'diagnostics', effect: { kind: 'reset' } }), /^rules\[1\]\.operation: /],
    [
      withRule({ operation: 'connection', effect: { kind: 'captivePortal' } }),
      /^rules\[1\]\.effect\.kind: .*service side/,
    ],
    [
      withRule({ operation: 'telemetry', effect: { kind: 'wrongClock', offsetSeconds: 1 } }),
      /^rules\[1\]\.effect\.kind: .*service side/,
    ],
    [withRule({ route: 'query', effect: { kind: 'reset' } }), /^rules\[1\]: .*route/],
  ])('names the place of the mistake in %j', (plan, place) => {
    expect(() => parseFaultPlan(plan)).toThrow(RangeError)
    expect(() => parseFaultPlan(plan)).toThrow(place)
  })
})

test('what is not JSON is refused with the place of the mistake', () => {
  expect(() => parseFaultText('{\n  "rules": [}\n}')).toThrow(/^not valid JSON: .*"rules": \[\}/s)
  expect(() => parseFaultText('')).toThrow(RangeError)
})
