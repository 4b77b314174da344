import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Message } from 'azure-iot-device'
import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs'
import { earliestEventPosition, latestEventPosition } from '@azure/event-hubs'
import { connectDevice } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { openEventHub, readEvents, sourceOf, trustHub } from './support/event-hub.ts'
import type { EventReader, ReaderOptions } from './support/event-hub.ts'
import { eventually } from './support/eventually.ts'
import type { HubProcess } from './support/hub-process.ts'
import { keyOf } from './support/sas.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOf, localOnly, localTitle } from './support/target.ts'

describe('reading the built-in endpoint', () => {
  let scene: Scene
  let eventHubs: string
  let startedAt: number
  let client: EventHubConsumerClient
  let device: SdkDevice
  /** The telemetry that was there first: bodies 0 to 4. */
  let known: readonly ReceivedEventData[]
  let partitionId: string
  const opened: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    scene = await openScene({ consumerGroups: ['reports'] })
    const { ca } = scene.target
    if (ca !== undefined) trustHub({ caCertificate: ca })
    eventHubs = await scene.target.eventHubs()
    client = openEventHub({ eventHubsConnectionString: eventHubs })
    startedAt = Date.now()
    device = await connectDevice(scene.target, scene.service, scene.deviceId('pump'))
    for (const number of [0, 1, 2, 3, 4]) await sendInNewMillisecond(number)
    const reader = read()
    await eventually(
      () => Promise.resolve(numbersOf(reader)),
      ({ length }) => length === 5,
    )
    known = reader.events.filter((event) => sourceOf(event) === 'Telemetry')
    partitionId = reader.partitionOf(eventAt(0))
  })

  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close()
  })

  afterAll(async () => {
    await device.close()
    await client.close()
    await scene.close()
  })

  async function send(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) await device.client.sendEvent(new Message(JSON.stringify({ number })))
  }

  /** So that a time tells one event from the next. */
  async function sendInNewMillisecond(number: number): Promise<void> {
    const before = Date.now()
    await eventually(
      () => Promise.resolve(Date.now()),
      (now) => now > before + 1,
    )
    await send(number)
  }

  function eventAt(place: number): ReceivedEventData {
    const event = known[place]
    if (!event) throw new Error('There are five.')
    return event
  }

  function read(options: ReaderOptions = {}, from = client): EventReader {
    const position = options.position ?? { enqueuedOn: startedAt - 600_000 }
    const reader = readEvents(from, { prefix: scene.target.prefix, ...options, position })
    opened.push(reader)
    return reader
  }

  function clientFor(
    change: (connectionString: string) => string,
    consumerGroup = '$Default',
  ): EventHubConsumerClient {
    const eventHubsConnectionString = change(eventHubs)
    const other = openEventHub({ eventHubsConnectionString }, { consumerGroup })
    opened.push(other)
    return other
  }

  const numbersOf = (reader: EventReader) =>
    reader.bodiesOf('Telemetry').map((body) => (body as { number: number }).number)

  test('getEventHubProperties and getPartitionProperties tell what is there', async () => {
    const { partitionIds, name, createdOn } = await client.getEventHubProperties()
    expect(eventHubs).toContain(`EntityPath=${name}`)
    expect(createdOn.getTime()).toBeLessThan(Date.now() + 60_000)
    expect(partitionIds).toContain(partitionId)
    const [first, last] = [eventAt(0), eventAt(4)]
    const state = await client.getPartitionProperties(partitionId)
    expect(state).toMatchObject({ eventHubName: name, isEmpty: false, partitionId })
    expect(state.beginningSequenceNumber).toBeLessThan(first.sequenceNumber)
    expect(state.lastEnqueuedSequenceNumber).toBeGreaterThanOrEqual(last.sequenceNumber)
    expect(state.lastEnqueuedOnUtc.getTime()).toBeGreaterThanOrEqual(last.enqueuedTimeUtc.getTime())
    await expect(client.getPartitionProperties('99')).rejects.toThrow()
  })

  test.skipIf(localOnly)(
    localTitle('four partitions, of which one has events, and these exactly', 'others'),
    async () => {
      const { partitionIds } = await client.getEventHubProperties()
      expect(partitionIds).toEqual(['0', '1', '2', '3'])
      const last = eventAt(4)
      const partitions = await Promise.all(partitionIds.map((id) => client.getPartitionProperties(id)))
      expect(partitions.filter(({ isEmpty }) => !isEmpty)).toMatchObject([
        {
          partitionId,
          beginningSequenceNumber: 0,
          lastEnqueuedSequenceNumber: last.sequenceNumber,
          lastEnqueuedOffset: last.offset,
          lastEnqueuedOnUtc: last.enqueuedTimeUtc,
        },
      ])
      await expect(client.getPartitionProperties('99')).rejects.toThrow(/no partition '99'/)
    },
  )

  const timeOf = ({ enqueuedTimeUtc }: ReceivedEventData) => enqueuedTimeUtc.getTime()

  test.each<[string, (third: ReceivedEventData) => EventPosition, readonly number[]]>([
    ['with the earliest', () => earliestEventPosition, [0, 1, 2, 3, 4]],
    ['after an offset', ({ offset }) => ({ offset }), [3, 4]],
    ['at an offset', ({ offset }) => ({ offset, isInclusive: true }), [2, 3, 4]],
    ['after a sequence number', ({ sequenceNumber }) => ({ sequenceNumber }), [3, 4]],
    ['at a sequence number', ({ sequenceNumber }) => ({ sequenceNumber, isInclusive: true }), [2, 3, 4]],
    ['after the time of an event', (third) => ({ enqueuedOn: timeOf(third) }), [3, 4]],
    ['after a time just before an event', (third) => ({ enqueuedOn: timeOf(third) - 1 }), [2, 3, 4]],
    ['after a time as a Date', (third) => ({ enqueuedOn: new Date(timeOf(third)) }), [3, 4]],
    ['after a time before all', () => ({ enqueuedOn: 0 }), [0, 1, 2, 3, 4]],
  ])('begins %s', async (_what, positionOf, expected) => {
    // Offsets and sequence numbers are those of one partition.
    const reader = read({ position: positionOf(eventAt(2)), partitionId })
    await expect.poll(() => numbersOf(reader), { timeout: 10_000 }).toEqual(expected)
    expect(reader.errors).toEqual([])
  })

  test('begins with the next that comes, after the last by offset, sequence number or time', async () => {
    const last = (await client.getPartitionProperties(partitionId)).lastEnqueuedSequenceNumber
    const event = eventAt(4)
    const readers = [
      read({ position: { offset: event.offset }, partitionId }, clientFor(String)),
      read({ position: { sequenceNumber: last }, partitionId }, clientFor(String)),
      read({ position: { enqueuedOn: timeOf(event) }, partitionId }, clientFor(String)),
    ]
    await sendInNewMillisecond(50)
    for (const reader of readers) {
      await expect.poll(() => numbersOf(reader), { timeout: 10_000 }).toEqual([50])
      expect(reader.errors).toEqual([])
    }
  })

  test('begins with what comes, for the latest', async () => {
    const reader = read({ position: latestEventPosition })
    // The reader tells nobody when it is there: what it reads first is one of those that are sent meanwhile.
    let number = 100
    await expect
      .poll(
        async () => {
          await send((number += 1))
          return numbersOf(reader).length
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0)
    expect(Math.min(...numbersOf(reader))).toBeGreaterThan(100)
  })

  // A real hub's groups are made by its owner, and its readers would be pushed out.
  test.skipIf(localOnly)(
    localTitle('has consumer groups that read for themselves, and none that was not made', 'setUp'),
    async () => {
      const reports = read({}, clientFor(String, 'reports'))
      await expect.poll(() => numbersOf(reports).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(5)
      const others = read({}, clientFor(String, 'others'))
      await expect.poll(() => others.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
      expect(String(others.errors[0])).toContain("There is no consumer group 'others'")
      expect(others.events).toEqual([])
    },
  )

  test.skipIf(localOnly)(
    localTitle('gives a partition to the reader of the higher owner level', 'others'),
    async () => {
      const first = read({ ownerLevel: 1 }, clientFor(String, 'reports'))
      await expect.poll(() => numbersOf(first).length, { timeout: 10_000 }).toBeGreaterThan(0)
      const second = read({ ownerLevel: 2 }, clientFor(String, 'reports'))
      await expect.poll(() => numbersOf(second).length, { timeout: 10_000 }).toBeGreaterThan(0)
      await expect.poll(() => first.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
      expect(first.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' })
      const third = read({ ownerLevel: 1 }, clientFor(String, 'reports'))
      await expect.poll(() => third.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
      expect(third.events).toEqual([])
    },
  )

  test('brings thousands of events, more than a session can have open', async () => {
    const numbers = Array.from({ length: 2500 }, (_, index) => 1000 + index)
    await Promise.all(numbers.map((number) => send(number)))
    const reader = read()
    const late = () => numbersOf(reader).filter((number) => number >= 1000)
    await expect.poll(() => late().length, { timeout: 20_000 }).toBe(2500)
    expect(new Set(late()).size).toBe(2500)
    expect(reader.errors).toEqual([])
  })

  test('lets a reader go in the middle of thousands of events', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const leaving = openEventHub({ eventHubsConnectionString: eventHubs })
      const reader = readEvents(leaving, { position: { enqueuedOn: startedAt - 1000 } })
      await expect.poll(() => reader.events.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(0)
      await reader.close()
      await leaving.close()
    }
  })

  test.each<[string, (connectionString: string) => string]>([
    [
      'with a wrong key',
      (text) =>
        text.replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`),
    ],
    [
      'with a policy that does not exist',
      (text) => text.replace(/SharedAccessKeyName=[^;]*/, 'SharedAccessKeyName=nobody'),
    ],
  ])('%s is refused, and tells nothing', (_what, change) => expectRefused(change))

  test.skipIf(localOnly).each<[keyof HubProcess['connectionStrings']]>([['registryRead'], ['device']])(
    localTitle('with the policy %s, which lacks the right, is refused, and tells nothing', 'policies'),
    (policy) => {
      const key = keyOf(localOf(scene.target).connectionStrings[policy])
      return expectRefused((text) =>
        text
          .replace('SharedAccessKeyName=service', `SharedAccessKeyName=${policy}`)
          .replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${key}`),
      )
    },
  )

  async function expectRefused(change: (connectionString: string) => string): Promise<void> {
    const stranger = clientFor(change)
    await expect(stranger.getEventHubProperties()).rejects.toMatchObject({ code: 'UnauthorizedError' })
    const reader = read({ partitionId: '0' }, stranger)
    await expect.poll(() => reader.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(reader.errors[0]).toMatchObject({ code: 'UnauthorizedError' })
    expect(reader.events).toEqual([])
  }

  test('of an event hub that does not exist is refused', async () => {
    const stranger = clientFor((text) => text.replace(/EntityPath=.*/, 'EntityPath=other'))
    await expect(stranger.getEventHubProperties()).rejects.toThrow()
  })
})
