import { describe, expect, test } from 'vitest'
import { HubError } from '../hub/hub-error.ts'
import { createLimits } from '../limits/limits.ts'
import { operations } from '../limits/operation.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { methodErrorResponse } from './error-response.ts'
import { admit, charge } from './request-limits.ts'
import { ok } from './route.ts'

const s1 = () => createLimits(new FakeClock(), { name: 'S1', units: 1 })
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const post = (body: Uint8Array) => ({ method: 'POST', body })
const empty = bytes({})
const chars = (count: number) => 'x'.repeat(count)

describe('admit', () => {
  test.each(['directMethod', 'twinRead', 'twinUpdate', 'query', 'registry', 'job'] as const)(
    '%s is throttled',
    (operation) => {
      const limits = s1()
      expect(() => {
        for (let call = 0; call < 10_000; call += 1) admit(limits, operation, post(empty))
      }).toThrow(expect.objectContaining({ number: 429001 }))
    },
  )

  test('a device that asks for its messages over HTTPS is throttled, one that settles them is not', () => {
    const limits = s1()
    const asking = { method: 'GET', body: new Uint8Array() }
    // A minute's worth passes at once.
    for (let call = 0; call < 1000; call += 1) expect(admit(limits, 'cloudToDevice', asking)).toBe(0)
    expect(admit(limits, 'cloudToDevice', asking)).toBeGreaterThan(0)
    expect(admit(limits, 'cloudToDevice', { ...asking, method: 'DELETE' })).toBe(0)
  })

  test('diagnostics are never throttled', () => {
    const limits = s1()
    for (let call = 0; call < 10_000; call += 1) expect(admit(limits, 'diagnostics', post(empty))).toBe(0)
  })

  test('a method with 10 KB takes three turns, one with 4 KB takes one', () => {
    const turnsOf = (body: Uint8Array) => {
      const limits = s1()
      let turns = 0
      while (admit(limits, 'directMethod', post(body)) === 0) turns += 1
      return turns
    }
    expect(turnsOf(bytes({ payload: chars(4000) }))).toBe(2400)
    // The envelope is not what is metered.
    expect(turnsOf(bytes({ methodName: 'a', payload: chars(4094) }))).toBe(2400)
    expect(turnsOf(bytes({ payload: chars(10 * 1024) }))).toBe(800)
    expect(turnsOf(Buffer.from(chars(9000)))).toBe(2400)
  })

  test('once the quota is used up, what is billed is refused and the registry is not', () => {
    const limits = createLimits(new FakeClock(), { name: 'F1', units: 1 })
    limits.meter.charge('telemetry', 8_000 * 512)
    for (const operation of operations) {
      const isBilled = ['directMethod', 'telemetry', 'twinRead', 'twinUpdate', 'query'].includes(operation)
      const attempt = () => admit(limits, operation, post(empty))
      if (isBilled) expect(attempt, operation).toThrow(expect.objectContaining({ number: 403002 }))
      else expect(attempt(), operation).toBe(0)
    }
  })
})

describe('charge', () => {
  function priceOf(...args: Parameters<typeof charge> extends [unknown, ...infer Rest] ? Rest : never) {
    const limits = s1()
    charge(limits, ...args)
    const { total, byKind } = limits.meter.counts()
    return [total, ...Object.entries(byKind).flatMap(([kind, count]) => (count > 0 ? [kind] : []))]
  }

  test('a registry operation is free, and so are diagnostics', () => {
    for (const operation of ['registry', 'diagnostics', 'job'] as const) {
      expect(priceOf(operation, { body: bytes(chars(9000)), response: ok(chars(9000)) })).toEqual([0])
    }
  })

  test('a twin read costs by what is read, a query by its result', () => {
    expect(priceOf('twinRead', { body: empty, response: ok(chars(5000)) })).toEqual([2, 'twinRead'])
    expect(priceOf('query', { body: bytes(chars(5000)), response: ok([]) })).toEqual([1, 'query'])
    expect(priceOf('query', { body: empty, response: ok(chars(20_000)) })).toEqual([5, 'query'])
  })

  test('a twin update costs by what is written', () => {
    const exchange = { body: bytes({ tags: {} }), response: ok(chars(9000)) }
    expect(priceOf('twinUpdate', exchange)).toEqual([1, 'twinUpdate'])
  })

  test('a direct method costs its request and its answer', () => {
    const exchange = { body: bytes({ payload: null }), response: ok({ status: 200, payload: null }) }
    expect(priceOf('directMethod', exchange)).toEqual([2, 'directMethod'])
    const large = {
      body: bytes({ payload: chars(6000) }),
      response: ok({ status: 200, payload: chars(5000) }),
    }
    expect(priceOf('directMethod', large)).toEqual([4, 'directMethod'])
  })

  test.each(['DeviceNotOnline', 'DeviceTimeout', 'BadDeviceResponse'] as const)(
    'a direct method that ends with %s costs two messages still',
    (code) => {
      const response = methodErrorResponse(new HubError(code, 'x'), undefined)
      expect(priceOf('directMethod', { body: empty, response })).toEqual([2, 'directMethod'])
    },
  )

  test('what the hub itself refused is free', () => {
    const response = methodErrorResponse(new HubError('DeviceNotFound', 'x'), undefined)
    for (const operation of ['directMethod', 'twinRead', 'twinUpdate', 'query'] as const) {
      expect(priceOf(operation, { body: empty, response })).toEqual([0])
    }
  })
})
