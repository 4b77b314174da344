import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { EventLog } from './event-log.ts'
import type { HubEvent } from './hub-event.ts'
import type { Retention } from './partition.ts'

function event(deviceId: string, text = ''): HubEvent {
  return { source: 'Telemetry', deviceId, system: {}, properties: {}, body: Buffer.from(text) }
}

function scene(retention?: Retention, partitionCount = 1) {
  const clock = new FakeClock()
  const log = new EventLog({ clock, partitionCount, ...(retention && { retention }) })
  const [partition] = log.partitions
  if (!partition) throw new Error('A log has a partition.')
  const texts = () => {
    const { firstSequenceNumber: first, nextSequenceNumber: next } = partition
    return Array.from({ length: next - first }, (_, index) =>
      Buffer.from(partition.at(first + index)?.event.body ?? []).toString(),
    )
  }
  return { clock, log, partition, texts }
}

test('a log has four partitions, and all events of a device are in one of them, in order', () => {
  const log = new EventLog({ clock: new FakeClock() })
  expect(log.partitions.map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
  for (let number = 0; number < 40; number += 1) {
    log.append(event(`device-${number}`))
    log.append(event('same'))
  }
  const lengths = log.partitions.map(({ nextSequenceNumber }) => nextSequenceNumber)
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(80)
  expect(lengths.filter((length) => length > 40)).toHaveLength(1)
  expect(Math.min(...lengths)).toBeGreaterThan(0)
})

describe('a partition', () => {
  test('numbers its events, and knows their offsets and times', () => {
    const { clock, log, partition } = scene()
    const first = log.append(event('d', 'one'))
    clock.advance(10)
    const second = log.append(event('d', 'two'))
    expect([first.sequenceNumber, second.sequenceNumber]).toEqual([0, 1])
    expect(second.offset).toBeGreaterThan(first.offset)
    expect(partition.state()).toEqual({
      beginningSequenceNumber: 0,
      lastSequenceNumber: 1,
      lastOffset: second.offset,
      lastEnqueuedAt: clock.now(),
    })
  })

  test('that is empty says so', () => {
    expect(scene().partition.state()).toEqual({
      beginningSequenceNumber: 0,
      lastSequenceNumber: -1,
      lastOffset: -1,
      lastEnqueuedAt: undefined,
    })
  })

  test('keeps as many events as it should, and their numbers stay', () => {
    const { log, partition, texts } = scene({ count: 3, bytes: 1_000_000 })
    for (const text of 'abcdefghij') log.append(event('d', text))
    expect(texts()).toEqual(['h', 'i', 'j'])
    expect(partition.state()).toMatchObject({ beginningSequenceNumber: 7, lastSequenceNumber: 9 })
    expect([partition.at(6), partition.at(10)]).toEqual([undefined, undefined])
  })

  test('keeps as many bytes as it should, and the newest event whatever its size', () => {
    const { log, texts } = scene({ count: 100, bytes: 2000 })
    log.append(event('d', 'small'))
    log.append(event('d', 'x'.repeat(1500)))
    expect(texts()).toHaveLength(2)
    log.append(event('d', 'y'.repeat(1500)))
    expect(texts()).toEqual(['y'.repeat(1500)])
    log.append(event('d', 'z'.repeat(5000)))
    expect(texts()).toEqual(['z'.repeat(5000)])
  })

  test('finds where a reader that knows a time should begin', () => {
    const { clock, log, partition } = scene({ count: 5, bytes: 1_000_000 })
    const start = clock.now()
    for (let index = 0; index < 8; index += 1) {
      log.append(event('d'))
      clock.advance(10)
    }
    const firstAfter = (ms: number) => partition.findFirst(({ enqueuedAt }) => enqueuedAt > start + ms)
    expect([firstAfter(-1), firstAfter(45), firstAfter(50), firstAfter(1000)]).toEqual([3, 5, 6, 8])
  })

  test('tells listeners of each event, until they listen no more', () => {
    const { log, partition } = scene()
    let count = 0
    const stop = partition.onAppend(() => (count += 1))
    log.append(event('d'))
    log.append(event('d'))
    stop()
    log.append(event('d'))
    expect(count).toBe(2)
  })
})
