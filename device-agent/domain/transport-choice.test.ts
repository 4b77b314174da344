import { describe, expect, test } from 'vitest'
import type { Transport } from '../ports/hub-identity.ts'
import { isTrusted, nextTransport, type TransportChoice } from './transport-choice.ts'

const both = ['mqtt', 'mqtt-websocket'] as const
const fresh: TransportChoice = { allowed: both, proven: undefined, failures: 0 }

function attempts(choice: TransportChoice, count: number): Transport[] {
  return Array.from({ length: count }, (_, failures) => nextTransport({ ...choice, failures }))
}

describe('the way to the hub', () => {
  test('is MQTT itself first, and then each in turn until one leads there', () => {
    expect(attempts(fresh, 5)).toEqual(['mqtt', 'mqtt-websocket', 'mqtt', 'mqtt-websocket', 'mqtt'])
  })

  test('is the one that led there before, twice, and then each in turn', () => {
    const choice: TransportChoice = { ...fresh, proven: 'mqtt-websocket' }
    expect(attempts(choice, 5)).toEqual([
      'mqtt-websocket',
      'mqtt-websocket',
      'mqtt',
      'mqtt-websocket',
      'mqtt',
    ])
  })

  test.each(both)('is always %s where nothing else is allowed, whatever led there before', (only) => {
    for (const proven of [undefined, ...both])
      expect(new Set(attempts({ allowed: [only], proven, failures: 0 }, 6))).toEqual(new Set([only]))
  })

  test('never leaves one of the two untried for long', () => {
    for (const proven of [undefined, ...both])
      for (let start = 0; start < 20; start += 1) {
        const three = attempts({ ...fresh, proven }, start + 3).slice(start)
        expect(new Set(three), `${proven} after ${start}`).toEqual(new Set(both))
      }
  })
})

describe('an attempt may take its time', () => {
  test('when the way is proven and did not fail since, or is the only one', () => {
    expect(isTrusted({ ...fresh, proven: 'mqtt' }, 'mqtt')).toBe(true)
    expect(isTrusted({ allowed: ['mqtt'], proven: undefined, failures: 9 }, 'mqtt')).toBe(true)
  })

  test('and not when another one may be better', () => {
    expect(isTrusted(fresh, 'mqtt')).toBe(false)
    expect(isTrusted({ ...fresh, proven: 'mqtt' }, 'mqtt-websocket')).toBe(false)
    expect(isTrusted({ ...fresh, proven: 'mqtt', failures: 1 }, 'mqtt')).toBe(false)
  })
})
