import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import { Message } from 'azure-iot-device'
import type { ReceivedEventData } from '@azure/event-hubs'
import { closeDevice, connectDevice, openDevice, registerDevice, report } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { deviceOf, readRun, sourceOf } from './support/event-hub.ts'
import type { EventReader } from './support/event-hub.ts'
import { rawTarget } from './support/raw-mqtt.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOnly, localTitle } from './support/target.ts'

/** A real hub tells the last three sources only where routes of its send them to `events`. */
describe('what the built-in endpoint tells EventHubConsumerClient', () => {
  let scene: Scene
  let reader: EventReader
  let device: SdkDevice
  let pump: string

  beforeAll(async () => {
    scene = await openScene()
    reader = await readRun(scene.target)
    pump = scene.deviceId('pump')
    device = await connectDevice(scene.target, scene.service, pump)
  })

  afterAll(async () => {
    await device.close()
    await reader.close()
    await scene.close()
  })

  const arrival = (isWanted: (event: ReceivedEventData) => boolean) => reader.arrival(isWanted)

  const hasOperation = (operation: string) => (event: ReceivedEventData) =>
    event.properties?.['opType'] === operation

  test('telemetry, with its system and application properties and who sent it', async () => {
    const message = new Message(JSON.stringify({ temperature: 20 }))
    message.contentType = 'application/json'
    message.contentEncoding = 'utf-8'
    message.messageId = 'm1'
    message.correlationId = 'c1'
    message.properties.add('level', 'hot & dry/ü')
    await device.client.sendEvent(message)
    const event = await arrival((one) => sourceOf(one) === 'Telemetry' && one.messageId === 'm1')
    expect(event).toMatchObject({
      body: { temperature: 20 },
      contentType: 'application/json',
      correlationId: 'c1',
      properties: { level: 'hot & dry/ü' },
      systemProperties: {
        'iothub-connection-device-id': pump,
        'iothub-connection-auth-method':
          '{"scope":"device","type":"sas","issuer":"iothub","acceptingIpFilterRule":null}',
        'iothub-message-source': 'Telemetry',
        contentEncoding: 'utf-8',
      },
    })
    expect(Math.abs(Date.now() - event.enqueuedTimeUtc.getTime())).toBeLessThan(60_000)
    const { responseBody } = await scene.service.registry.get(pump)
    expect(event.systemProperties?.['iothub-connection-auth-generation-id']).toBe(responseBody.generationId)
  })

  test('a body that is not JSON, as bytes', async () => {
    await device.client.sendEvent(new Message(Buffer.from([0, 255, 128])))
    const event = await arrival((one) => Buffer.isBuffer(one.body) && one.body.length === 3)
    expect([...(event.body as Buffer)]).toEqual([0, 255, 128])
  })

  test('that a device was created, with its twin', async () => {
    const event = await arrival(hasOperation('createDeviceIdentity'))
    expect(event).toMatchObject({
      body: {
        deviceId: pump,
        version: 2,
        properties: { desired: { $version: 1 }, reported: { $version: 1 } },
      },
      contentType: 'application/json',
      properties: {
        hubName: scene.service.hostName.split('.')[0],
        deviceId: pump,
        'iothub-message-schema': 'deviceLifecycleNotification',
      },
      systemProperties: { 'iothub-message-source': 'deviceLifecycleEvents' },
    })
  })

  test('that a device connected and disconnected, in order', async () => {
    const connected = await arrival(hasOperation('deviceConnected'))
    expect(sourceOf(connected)).toBe('deviceConnectionStateEvents')
    await device.client.close()
    const disconnected = await arrival(hasOperation('deviceDisconnected'))
    const [first, second] = [connected, disconnected].map(
      ({ body }) => (body as { sequenceNumber: string }).sequenceNumber,
    )
    expect(String(second) > String(first)).toBe(true)
    device = {
      ...device,
      client: await openDevice(scene.target, device.connectionString),
      close: () => closeDevice(device.client),
    }
  })

  test('what the device reports', async () => {
    await report(await device.client.getTwin(), { fw: { version: '2' } })
    const event = await arrival(
      (one) => sourceOf(one) === 'twinChangeEvents' && 'reported' in propertiesOf(one),
    )
    expect(event.properties).toMatchObject({
      opType: 'updateTwin',
      'iothub-message-schema': 'twinChangeNotification',
    })
    expect(propertiesOf(event)).toMatchObject({
      reported: { fw: { version: '2' }, $version: 2, $metadata: { fw: { version: {} } } },
    })
  })

  test('what the back end desires', async () => {
    await scene.service.registry.updateTwin(
      pump,
      { tags: { site: 'A' }, properties: { desired: { rate: 5 } } },
      '*',
    )
    const event = await arrival(
      (one) => sourceOf(one) === 'twinChangeEvents' && 'desired' in propertiesOf(one),
    )
    expect(event.body).toMatchObject({
      tags: { site: 'A' },
      properties: { desired: { rate: 5, $version: 2 } },
    })
  })

  test('all of one device in one partition, in order', async () => {
    for (let number = 0; number < 20; number += 1)
      await device.client.sendEvent(new Message(JSON.stringify({ number })))
    await arrival((one) => numberOf(one) === 19)
    const ofPump = reader.events.filter((event) => deviceOf(event) === pump)
    const places = ofPump.map(({ sequenceNumber }) => sequenceNumber)
    expect(places).toEqual([...new Set(places)].sort((one, other) => one - other))
    const numbers = ofPump.map(numberOf).filter((number) => number !== undefined)
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, number) => number))
    expect(reader.errors).toEqual([])
  })

  test.skipIf(localOnly)(localTitle('the events of a partition, numbered without a gap', 'others'), () => {
    const places = reader.events.map(({ sequenceNumber }) => sequenceNumber)
    expect(places).toEqual(places.map((_, index) => index))
  })

  test('telemetry and a will that should be retained, each with a word about it', async () => {
    const retaining = scene.deviceId('retaining')
    const connectionString = await registerDevice(scene.target, scene.service, retaining)
    const raw = rawTarget(scene.target.address, connectionString)
    const hasWord = (word: string) => (one: ReceivedEventData) => one.properties?.['word'] === word
    const vanishing = await openRawDevice(raw)
    const topic = `devices/${retaining}/messages/events/`
    const will = { topic: `${topic}word=last`, payload: Buffer.from('gone'), qos: 1, retain: true } as const
    vanishing.send(connectPacket(raw, retaining, { will }))
    vanishing.send({
      ...{ cmd: 'publish', qos: 1, dup: false, retain: true, messageId: 1 },
      ...{ topic: `${topic}word=first`, payload: 'kept' },
    })
    const first = await arrival(hasWord('first'))
    expect(first.properties).toEqual({ word: 'first', 'mqtt-retain': 'true' })
    vanishing.socket.destroy()
    const last = await arrival(hasWord('last'))
    expect(last.properties).toEqual({
      word: 'last',
      'mqtt-retain': 'true',
      'iothub-MessageType': 'Will',
    })
  })

  test('that a device was deleted', async () => {
    const spare = scene.deviceId('spare')
    await scene.service.registry.create({ deviceId: spare })
    await scene.service.registry.delete(spare)
    const event = await arrival(hasOperation('deleteDeviceIdentity'))
    expect(event.properties).toMatchObject({ deviceId: spare })
  })
})

function propertiesOf({ body }: ReceivedEventData): object {
  return (body as { properties?: object } | null)?.properties ?? {}
}

function numberOf({ body }: ReceivedEventData): number | undefined {
  return (body as { number?: number } | null)?.number
}
