import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Message } from 'azure-iot-device'
import type { EventHubConsumerClient, EventPosition, ReceivedEventData } from '@azure/event-hubs'
import { earliestEventPosition, latestEventPosition } from '@azure/event-hubs'
import { connectDevice } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { openEventHub, readEvents, sourceOf, trustHub } from './support/event-hub.ts'
import type { EventReader, ReaderOptions } from './support/event-hub.ts'
import { eventually } from './support/eventually.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('reading the built-in endpoint'), () => {
  let scene: LocalScene
  let client: EventHubConsumerClient
  let device: SdkDevice
  /** The telemetry that was there first: bodies 0 to 4. */
  let known: readonly ReceivedEventData[]
  const opened: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    scene = await openLocalHub({ consumerGroups: ['reports'] })
    trustHub(scene.local)
    client = openEventHub(scene.local)
    device = await connectDevice(scene.target, scene.service, 'pump')
    await send(0, 1, 2, 3, 4)
    const reader = read()
    await eventually(
      () => Promise.resolve(numbersOf(reader)),
      ({ length }) => length === 5,
    )
    known = reader.events.filter((event) => sourceOf(event) === 'Telemetry')
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

  function read(options: ReaderOptions = {}, from = client): EventReader {
    const reader = readEvents(from, options)
    opened.push(reader)
    return reader
  }

  function clientFor(
    change: (connectionString: string) => string,
    consumerGroup = '$Default',
  ): EventHubConsumerClient {
    const eventHubsConnectionString = change(scene.local.eventHubsConnectionString)
    const other = openEventHub({ eventHubsConnectionString }, { consumerGroup })
    opened.push(other)
    return other
  }

  const numbersOf = (reader: EventReader) =>
    reader.bodiesOf('Telemetry').map((body) => (body as { number: number }).number)

  test('getEventHubProperties and getPartitionProperties tell what is there', async () => {
    const { partitionIds, name, createdOn } = await client.getEventHubProperties()
    expect([partitionIds, name]).toEqual([['0', '1', '2', '3'], 'drover-local'])
    expect(Math.abs(Date.now() - createdOn.getTime())).toBeLessThan(600_000)
    const last = known.at(-1)
    const partitions = await Promise.all(partitionIds.map((id) => client.getPartitionProperties(id)))
    expect(partitions.filter(({ isEmpty }) => !isEmpty)).toMatchObject([
      {
        eventHubName: 'drover-local',
        beginningSequenceNumber: 0,
        lastEnqueuedSequenceNumber: last?.sequenceNumber,
        lastEnqueuedOffset: last?.offset,
        lastEnqueuedOnUtc: last?.enqueuedTimeUtc,
      },
    ])
    await expect(client.getPartitionProperties('99')).rejects.toThrow(/no partition '99'/)
  })

  test.each<[string, (third: ReceivedEventData) => EventPosition, readonly number[]]>([
    ['the earliest', () => earliestEventPosition, [0, 1, 2, 3, 4]],
    ['after an offset', ({ offset }) => ({ offset }), [3, 4]],
    ['at an offset', ({ offset }) => ({ offset, isInclusive: true }), [2, 3, 4]],
    ['after a sequence number', ({ sequenceNumber }) => ({ sequenceNumber }), [3, 4]],
    ['at a sequence number', ({ sequenceNumber }) => ({ sequenceNumber, isInclusive: true }), [2, 3, 4]],
    ['after a time', () => ({ enqueuedOn: 0 }), [0, 1, 2, 3, 4]],
  ])('begins with %s', async (_what, positionOf, expected) => {
    const third = known[2]
    if (!third) throw new Error('There are five.')
    const reader = read({ position: positionOf(third) })
    await expect.poll(() => numbersOf(reader), { timeout: 10_000 }).toEqual(expected)
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

  test('has consumer groups that read for themselves, and none that was not made', async () => {
    const reports = read({}, clientFor(String, 'reports'))
    await expect.poll(() => numbersOf(reports).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(5)
    const others = read({}, clientFor(String, 'others'))
    await expect.poll(() => others.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(String(others.errors[0])).toContain("There is no consumer group 'others'")
    expect(others.events).toEqual([])
  })

  test('gives a partition to the reader of the higher owner level', async () => {
    const first = read({ ownerLevel: 1 }, clientFor(String, 'reports'))
    await expect.poll(() => numbersOf(first).length, { timeout: 10_000 }).toBeGreaterThan(0)
    const second = read({ ownerLevel: 2 }, clientFor(String, 'reports'))
    await expect.poll(() => numbersOf(second).length, { timeout: 10_000 }).toBeGreaterThan(0)
    await expect.poll(() => first.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(first.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' })
    const third = read({ ownerLevel: 1 }, clientFor(String, 'reports'))
    await expect.poll(() => third.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(third.events).toEqual([])
  })

  test('brings thousands of events, more than a session can have open', async () => {
    const numbers = Array.from({ length: 2500 }, (_, index) => 1000 + index)
    await Promise.all(numbers.map((number) => send(number)))
    const reader = read()
    const late = () => numbersOf(reader).filter((number) => number >= 1000)
    await expect.poll(() => late().length, { timeout: 20_000 }).toBe(2500)
    expect(new Set(late()).size).toBe(2500)
    expect(reader.errors).toEqual([])
  })

  test.each<[string, (connectionString: string) => string]>([
    [
      'with a wrong key',
      (text) =>
        text.replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`),
    ],
    [
      'with a policy that does not exist',
      (text) => text.replace('SharedAccessKeyName=service', 'SharedAccessKeyName=nobody'),
    ],
    ['with a policy that may only read the registry', (text) => withPolicy(text, 'registryRead')],
    ['with the policy of devices', (text) => withPolicy(text, 'device')],
  ])('%s is refused, and tells nothing', async (_what, change) => {
    const stranger = clientFor(change)
    await expect(stranger.getEventHubProperties()).rejects.toMatchObject({ code: 'UnauthorizedError' })
    const reader = read({ partitionId: '0' }, stranger)
    await expect.poll(() => reader.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(reader.errors[0]).toMatchObject({ code: 'UnauthorizedError' })
    expect(reader.events).toEqual([])
  })

  test('of an event hub that does not exist is refused', async () => {
    const stranger = clientFor((text) => text.replace(/EntityPath=.*/, 'EntityPath=other'))
    await expect(stranger.getEventHubProperties()).rejects.toThrow()
  })

  function withPolicy(text: string, policy: keyof LocalScene['local']['connectionStrings']): string {
    const key = /SharedAccessKey=(.*)$/.exec(scene.local.connectionStrings[policy])?.[1] ?? ''
    return text
      .replace('SharedAccessKeyName=service', `SharedAccessKeyName=${policy}`)
      .replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${key}`)
  }
})
