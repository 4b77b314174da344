import { Message } from 'azure-iot-device'
import type { Client } from 'azure-iot-device'
import type { EventHubConsumerClient, ReceivedEventData } from '@azure/event-hubs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAmqpDevice } from './support/amqp-device.ts'
import { diagnosticsOf } from './support/diagnostics.ts'
import { closeDevice, registerDevice } from './support/device.ts'
import { openEventHub, readEvents, trustHub } from './support/event-hub.ts'
import type { EventReader } from './support/event-hub.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { sasFor } from './support/sas.ts'
import { localOnly, localTitle } from './support/target.ts'
import { openHttpsDevice } from './support/transports.ts'

describe.skipIf(localOnly)(localTitle('a batch of messages of a device'), () => {
  let scene: LocalScene
  let connectionString: string
  let events: EventHubConsumerClient
  let reader: EventReader
  let raw: RawAmqp
  let overHttps: Client
  const address = '/devices/pump/messages/events'

  beforeAll(async () => {
    scene = await openLocalHub()
    trustHub(scene.local)
    connectionString = await registerDevice(scene.target, scene.service, 'pump')
    events = openEventHub(scene.local)
    reader = readEvents(events)
    raw = await openRawAmqp(scene.local)
    const resource = `${scene.local.hostName}/devices/pump`
    const key = /SharedAccessKey=([^;]*)/.exec(connectionString)?.[1] ?? ''
    await raw.putToken(resource, sasFor(resource, key))
    overHttps = await openHttpsDevice(scene.target, connectionString)
  })

  afterAll(async () => {
    raw.close()
    await overHttps.close()
    await reader.close()
    await events.close()
    await scene.close()
  })

  const eventsOf = (batch: string): readonly ReceivedEventData[] =>
    reader.events.filter(({ properties }) => properties?.['batch'] === batch)

  async function charged(work: () => Promise<unknown>): Promise<number> {
    const before = (await diagnosticsOf(scene.local)).messages.byKind['telemetry'] ?? 0
    await work()
    return ((await diagnosticsOf(scene.local)).messages.byKind['telemetry'] ?? 0) - before
  }

  test('over AMQP is as many events, each with its own properties, in order', async () => {
    const cost = await charged(async () => {
      const messages = [1, 2, 3].map((number) => ({
        message_id: `m${number}`,
        content_type: 'application/json',
        content_encoding: 'utf-8',
        application_properties: { batch: 'amqp', number: String(number) },
        body: JSON.stringify({ number }),
      }))
      expect(await raw.sendBatch(address, messages)).toBeUndefined()
    })
    expect(cost).toBe(1)
    await expect.poll(() => eventsOf('amqp').length, { timeout: 10_000 }).toBe(3)
    const expected = [1, 2, 3].map((number) => ({
      body: { number },
      messageId: `m${number}`,
      contentType: 'application/json',
      properties: { batch: 'amqp', number: String(number) },
      systemProperties: { 'iothub-connection-device-id': 'pump', 'iothub-message-source': 'Telemetry' },
    }))
    expect(eventsOf('amqp')).toMatchObject(expected)
  })

  test('over AMQP is billed by its size, and arrives whole or not at all', async () => {
    const large = { application_properties: { batch: 'large' }, body: 'x'.repeat(3000) }
    expect(await charged(() => raw.sendBatch(address, [large, large, large]))).toBe(3)
    const spoilt = { application_properties: { batch: 'spoilt', list: [1] }, body: 'x' }
    const cost = await charged(async () => {
      const good = { application_properties: { batch: 'spoilt' }, body: 'x' }
      expect(await raw.sendBatch(address, [good, spoilt as never])).toBe('com.microsoft:argument-error')
      expect(await raw.sendBatch(address, [])).toBe('com.microsoft:argument-error')
    })
    expect(cost).toBe(0)
    await raw.sendBatch(address, [{ application_properties: { batch: 'after' }, body: 'x' }])
    await expect.poll(() => eventsOf('after').length, { timeout: 10_000 }).toBe(1)
    expect([eventsOf('large').length, eventsOf('spoilt').length]).toEqual([3, 0])
  })

  test('over AMQP is refused where single messages belong', async () => {
    expect(await raw.sendBatch('/devices/pump/twin', [{ body: '' }])).toBe('amqp:not-implemented')
  })

  test('over HTTPS, from the SDK, is as many events, each with its own properties, and one message to bill', async () => {
    const messages = [1, 2, 3].map((number) => {
      const message = new Message(JSON.stringify({ number }))
      message.properties.add('batch', 'https')
      message.properties.add('number', String(number))
      return message
    })
    expect(await charged(() => overHttps.sendEventBatch(messages))).toBe(1)
    await expect.poll(() => eventsOf('https').length, { timeout: 10_000 }).toBe(3)
    expect(eventsOf('https')).toMatchObject(
      [1, 2, 3].map((number) => ({
        body: { number },
        properties: { batch: 'https', number: String(number) },
      })),
    )
  })

  test('cannot be sent by the SDK over AMQP, which says so', async () => {
    const client = await openAmqpDevice(scene.target, connectionString)
    await expect(client.sendEventBatch([new Message('{}')])).rejects.toMatchObject({
      name: 'NotImplementedError',
    })
    await closeDevice(client)
  })
})
