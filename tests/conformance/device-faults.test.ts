import { Message } from 'azure-iot-device'
import type { IPublishPacket } from 'mqtt-packet'
import type { Twin, Client } from 'azure-iot-device'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import type { RawDevice } from '../../local-hub/testing/raw-device.ts'
import { amqpClient } from './support/amqp-service.ts'
import { send } from './support/cloud-to-device.ts'
import { closeDevice, handleMethod, openDevice, registerDevice, report } from './support/device.ts'
import { openFaultyHub } from './support/faulty-hub.ts'
import type { FaultyHub, Rule } from './support/faulty-hub.ts'
import { rawTarget } from './support/raw-mqtt.ts'
import { errorNumberOf, invoke, refusalOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('faults that devices meet over MQTT', 'faults'), () => {
  let scene: FaultyHub
  let connectionString: string
  let rawConnectionString: string
  let client: Client

  beforeAll(async () => {
    scene = await openFaultyHub()
    connectionString = await registerDevice(scene.target, scene.service, 'd')
    rawConnectionString = await registerDevice(scene.target, scene.service, 'raw')
  })

  afterAll(() => scene.close())

  beforeEach(async () => {
    client = await openDevice(scene.target, connectionString)
  })

  afterEach(async () => {
    await scene.plan()
    await closeDevice(client)
  })

  /** A device, packet by packet, that has said CONNECT. */
  async function rawDevice(deviceId = 'raw', own = rawConnectionString): Promise<RawDevice> {
    const target = rawTarget(scene.local, own)
    const device = await openRawDevice(target)
    device.send(connectPacket(target, deviceId, { clean: true }))
    return device
  }

  const rateOf = async (deviceId: string) =>
    ((await scene.service.registry.getTwin(deviceId)).responseBody.properties.reported as { rate?: number })
      .rate

  test.each([
    [503, 3],
    [401, 5],
    [403, 5],
  ])('a connection that is refused with %i gets CONNACK %i', async (status, returnCode) => {
    await scene.plan({ operation: 'connection', device: 'raw', count: 1, effect: { kind: 'status', status } })
    const device = await rawDevice()
    expect(await device.next()).toMatchObject({ cmd: 'connack', returnCode })
    expect(await device.closed()).toBe(true)
    const next = await rawDevice()
    expect(await next.next()).toMatchObject({ returnCode: 0 })
    next.socket.end()
    await next.closed()
  })

  test('a connection that is reset breaks, and one that is met with silence hears nothing', async () => {
    await scene.plan(
      { operation: 'connection', count: 1, effect: { kind: 'reset' } },
      { operation: 'connection', count: 1, effect: { kind: 'silence' } },
    )
    await (await rawDevice()).closed()
    const silent = await rawDevice()
    const answered = await rawDevice()
    expect(await answered.next()).toMatchObject({ returnCode: 0 })
    expect(silent.socket.bytesRead).toBe(0)
    silent.socket.destroy()
    answered.socket.destroy()
  })

  test('a device comes through a hub that refuses it twice', async () => {
    await scene.plan({ operation: 'connection', count: 2, effect: { kind: 'status', status: 503 } })
    const second = await openDevice(scene.target, connectionString)
    expect((await second.getTwin()).properties.desired).toBeDefined()
    await closeDevice(second)
  })

  test('a report that fails is not kept; one that is only slow is', async () => {
    const twin: Twin = await client.getTwin()
    await scene.plan(
      { operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'status', status: 429 } },
      { operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'slow', delayMs: 50 } },
    )
    await expect(report(twin, { rate: 1 })).rejects.toThrow()
    expect(await rateOf('d')).toBeUndefined()
    await report(twin, { rate: 2 })
    expect(await rateOf('d')).toBe(2)
  })

  test('a report whose answer is lost is kept, and the connection breaks', async () => {
    await scene.plan({ operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'lostResponse' } })
    const device = await rawDevice()
    await device.next()
    device.send({
      cmd: 'publish',
      topic: '$iothub/twin/PATCH/properties/reported/?$rid=1',
      payload: '{"rate":3}',
      qos: 0,
      dup: false,
      retain: false,
    })
    await device.closed()
    expect(await rateOf('raw')).toBe(3)
  })

  test('telemetry that is refused ends the connection, and the SDK sends it again', async () => {
    await scene.plan({ operation: 'telemetry', count: 1, effect: { kind: 'status', status: 500 } })
    await client.sendEvent(new Message('{}'))
    expect(await scene.hits()).toEqual([1])
  })

  /** What the device receives first when it asks for its messages; it says that it has got it. */
  async function receiveFirst(
    deviceId: string,
    own: string,
  ): Promise<{ readonly body: string; readonly device: RawDevice }> {
    const device = await rawDevice(deviceId, own)
    await device.next()
    const topic = `devices/${deviceId}/messages/devicebound/#`
    device.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
    await device.next()
    const { payload, messageId = 0 } = (await device.next()) as IPublishPacket
    device.send({ cmd: 'puback', messageId })
    return { body: String(payload), device }
  }

  test.each<[string, Rule['effect'], string]>([
    ['is lost, and the message comes again', { kind: 'silence' }, 'first'],
    ['breaks the connection, and the message comes again', { kind: 'reset' }, 'first'],
    ['is heard before the connection breaks, and the message is gone', { kind: 'lostResponse' }, 'second'],
    ['is heard late, and the message is gone', { kind: 'slow', delayMs: 50 }, 'second'],
  ])('the word of a device that it has a message %s', async (_what, effect, next) => {
    const deviceId = `hears-${effect.kind}`
    const own = await registerDevice(scene.target, scene.service, deviceId)
    const sender = amqpClient(scene.target)
    for (const body of ['first', 'second']) await send(sender, deviceId, { id: body, body })
    await sender.close()
    await scene.plan({ operation: 'cloudToDevice', device: deviceId, count: 1, effect })
    const { body, device } = await receiveFirst(deviceId, own)
    expect(body).toBe('first')
    await expect.poll(scene.hits).toEqual([1])
    // What is heard late is heard before the next thing that the device says.
    if (effect.kind === 'slow') await answerOf(device)
    device.socket.destroy()
    const again = await receiveFirst(deviceId, own)
    expect(again.body).toBe(next)
    again.device.socket.destroy()
  })

  /** Asks for the twin, and waits until it comes. */
  async function answerOf(device: RawDevice): Promise<void> {
    const topic = '$iothub/twin/GET/?$rid=1'
    device.send({ ...{ cmd: 'publish', qos: 0, dup: false, retain: false }, topic, payload: ' ' })
    for (;;) {
      const packet = await device.next()
      if (packet.cmd === 'publish' && packet.topic.startsWith('$iothub/twin/res/')) return
    }
  }

  test('an answer to a method that is lost times out for the back end', async () => {
    await handleMethod(client, 'echo', () => ({ status: 200 }))
    await scene.plan({ operation: 'methodAnswer', effect: { kind: 'silence' } })
    const refusal = await refusalOf(invoke(scene.service, 'd', { name: 'echo', responseSeconds: 5 }))
    expect([refusal.status, errorNumberOf(refusal)]).toEqual([504, 504101])
  })
})
