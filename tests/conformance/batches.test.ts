import { Message } from 'azure-iot-device'
import type { Client } from 'azure-iot-device'
import type { ReceivedEventData } from '@azure/event-hubs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAmqpDevice } from './support/amqp-device.ts'
import { diagnosticsOf } from './support/diagnostics.ts'
import { closeDevice, registerDevice } from './support/device.ts'
import { readRun } from './support/event-hub.ts'
import type { EventReader } from './support/event-hub.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { keyOf, sasFor } from './support/sas.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOnly, localTitle } from './support/target.ts'
import { openHttpsDevice } from './support/transports.ts'

describe('a batch of messages of a device', () => {
  let scene: Scene
  let pump: string
  let address: string
  let connectionString: string
  let reader: EventReader
  let raw: RawAmqp
  let overHttps: Client

  beforeAll(async () => {
    scene = await openScene()
    pump = scene.deviceId('pump')
    address = `/devices/${pump}/messages/events`
    connectionString = await registerDevice(scene.target, scene.service, pump)
    reader = await readRun(scene.target)
    raw = await openRawAmqp(scene.target.address)
    const resource = `${scene.service.hostName}/devices/${pump}`
    await raw.putToken(resource, sasFor(resource, keyOf(connectionString)))
    overHttps = await openHttpsDevice(scene.target, connectionString)
  })

  afterAll(async () => {
    raw.close()
    await overHttps.close()
    await reader.close()
    await scene.close()
  })

  const eventsOf = (batch: string): readonly ReceivedEventData[] =>
    reader.events.filter(({ properties }) => properties?.['batch'] === batch)

  /** That the work is billed as so many messages, where the hub says it; a real one does not. */
  async function expectCharge(messages: number, work: () => Promise<unknown>): Promise<void> {
    const { local } = scene.target
    const telemetry = async () => local && ((await diagnosticsOf(local)).messages.byKind['telemetry'] ?? 0)
    const before = await telemetry()
    await work()
    expect(await telemetry()).toBe(before === undefined ? undefined : before + messages)
  }

  test('over AMQP is as many events, each with its own properties, in order', async () => {
    await expectCharge(1, async () => {
      const messages = [1, 2, 3].map((number) => ({
        message_id: `m${number}`,
        content_type: 'application/json',
        content_encoding: 'utf-8',
        application_properties: { batch: 'amqp', number: String(number) },
        body: JSON.stringify({ number }),
      }))
      expect(await raw.sendBatch(address, messages)).toBeUndefined()
    })
    await expect.poll(() => eventsOf('amqp').length, { timeout: 10_000 }).toBe(3)
    const expected = [1, 2, 3].map((number) => ({
      body: { number },
      messageId: `m${number}`,
      contentType: 'application/json',
      properties: { batch: 'amqp', number: String(number) },
      systemProperties: { 'iothub-connection-device-id': pump, 'iothub-message-source': 'Telemetry' },
    }))
    expect(eventsOf('amqp')).toMatchObject(expected)
  })

  const whole = 'over AMQP is billed by its size, and arrives whole or not at all'
  test.skipIf(localOnly)(localTitle(whole, 'billing'), async () => {
    const large = { application_properties: { batch: 'large' }, body: 'x'.repeat(3000) }
    await expectCharge(3, () => raw.sendBatch(address, [large, large, large]))
    const spoilt = { application_properties: { batch: 'spoilt', list: [1] }, body: 'x' }
    await expectCharge(0, async () => {
      const good = { application_properties: { batch: 'spoilt' }, body: 'x' }
      expect(await raw.sendBatch(address, [good, spoilt as never])).toBe('com.microsoft:argument-error')
      expect(await raw.sendBatch(address, [])).toBe('com.microsoft:argument-error')
    })
    await raw.sendBatch(address, [{ application_properties: { batch: 'after' }, body: 'x' }])
    await expect.poll(() => eventsOf('after').length, { timeout: 10_000 }).toBe(1)
    expect([eventsOf('large').length, eventsOf('spoilt').length]).toEqual([3, 0])
  })

  test.skipIf(localOnly)(
    localTitle('over AMQP is refused where single messages belong', 'ownChoice'),
    async () => {
      expect(await raw.sendBatch(`/devices/${pump}/twin`, [{ body: '' }])).toBe('amqp:not-implemented')
    },
  )

  test('over HTTPS, from the SDK, is as many events, each with its own properties, and one message to bill', async () => {
    const messages = [1, 2, 3].map((number) => {
      const message = new Message(JSON.stringify({ number }))
      message.properties.add('batch', 'https')
      message.properties.add('number', String(number))
      return message
    })
    await expectCharge(1, () => overHttps.sendEventBatch(messages))
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
