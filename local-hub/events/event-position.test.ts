import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { EventLog } from './event-log.ts'
import { startOf } from './event-position.ts'

const annotation = 'amqp.annotation.x-opt-'

/** Five events, ten milliseconds apart, of which the first two are gone. */
function scene() {
  const clock = new FakeClock()
  const log = new EventLog({ clock, partitionCount: 1, retention: { count: 3, bytes: 1_000_000 } })
  const [partition] = log.partitions
  if (!partition) throw new Error('A log has a partition.')
  const events = [0, 1, 2, 3, 4].map((number) => {
    clock.advance(10)
    const body = Buffer.from(String(number))
    return log.append({ source: 'Telemetry', deviceId: 'd', system: {}, properties: {}, body })
  })
  const fourth = events[3]
  if (!fourth) throw new Error('There are five.')
  return { partition, fourth, start: (selector?: string) => startOf(partition, selector) }
}

describe('startOf', () => {
  test('is the oldest that is there, without a filter and from what is gone', () => {
    const { start } = scene()
    expect(start()).toBe(2)
    expect(start(`${annotation}offset > '-1'`)).toBe(2)
    expect(start(`${annotation}sequence-number >= '0'`)).toBe(2)
    expect(start(`${annotation}enqueued-time > '0'`)).toBe(2)
  })

  test('is at, or after, what is named', () => {
    const { start, fourth } = scene()
    for (const [name, value] of [
      ['offset', fourth.offset],
      ['sequence-number', fourth.sequenceNumber],
      ['enqueued-time', fourth.enqueuedAt],
    ] as const) {
      expect([name, start(`${annotation}${name} >= '${value}'`)]).toEqual([name, 3])
      expect([name, start(`${annotation}${name} > '${value}'`)]).toEqual([name, 4])
    }
  })

  test('is what comes, for the latest, or what came last', () => {
    const { start } = scene()
    expect(start(`${annotation}offset > '@latest'`)).toBe(5)
    expect(start(`${annotation}offset >= '@latest'`)).toBe(4)
    expect(start(`${annotation}sequence-number > '1000'`)).toBe(5)
    expect(start(`${annotation}offset > '999999999'`)).toBe(5)
  })

  test.each([
    '',
    'offset > 1',
    `${annotation}offset < '1'`,
    `${annotation}offset > 'soon'`,
    `${annotation}colour > '1'`,
    `${annotation}offset > '1' OR 1=1`,
  ])('refuses %j', (selector) => {
    expect(() => scene().start(selector)).toThrow(
      expect.objectContaining({ code: 'ArgumentInvalid' }) as Error,
    )
  })
})
