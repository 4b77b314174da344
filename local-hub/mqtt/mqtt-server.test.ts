import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { IConnackPacket, IPublishPacket } from 'mqtt-packet'
import { LocalHub } from '../local-hub.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { connectPacket, openRawDevice, sas } from '../testing/raw-device.ts'
import type { ConnectOptions, RawDevice } from '../testing/raw-device.ts'

let hub: LocalHub
let clock: FakeClock
let deviceId: string
let count = 0
const bugs: unknown[] = []

beforeAll(async () => {
  clock = new FakeClock()
  hub = await LocalHub.start({ clock, onBug: (error) => bugs.push(error) })
})

beforeEach(async () => {
  count += 1
  deviceId = `d${count}`
  await hub.createDevice(deviceId)
})

afterAll(async () => {
  await hub.stop()
  expect(bugs).toEqual([])
})

async function connectWith(
  options: ConnectOptions = {},
): Promise<{ device: RawDevice; connack: IConnackPacket }> {
  const device = await openRawDevice(hub)
  device.send(connectPacket(hub, deviceId, options))
  return { device, connack: (await device.next()) as IConnackPacket }
}

const other = Buffer.alloc(32, 9).toString('base64')
const telemetry = {
  cmd: 'publish',
  topic: '',
  payload: '{}',
  qos: 1,
  dup: false,
  retain: false,
  messageId: 1,
} as const

describe('CONNECT', () => {
  test('with the key of the device is accepted', async () => {
    expect((await connectWith()).connack.returnCode).toBe(0)
  })

  test.each<[string, () => ConnectOptions, number]>([
    ['a wrong key', () => ({ key: other }), 5],
    ['no password', () => ({ password: undefined }) as never, 5],
    ['a password that is no token', () => ({ password: Buffer.from('secret') }), 5],
    ['an expired token', () => ({ expiresAt: clock.now() }), 5],
    [
      'the user name of another device',
      () => ({ username: `${hub.hostName}/other/?api-version=2021-04-12` }),
      5,
    ],
    ['the name of another hub', () => ({ username: `other.local/${deviceId}/?api-version=2021-04-12` }), 5],
    ['the user name of a module', () => ({ username: `${hub.hostName}/${deviceId}/m` }), 5],
    ['a user name that goes on', () => ({ username: `${hub.hostName}/${deviceId}x/?api-version=1` }), 5],
    ['no user name', () => ({ username: '' }), 5],
    [
      'a model id that never ends',
      () => ({ username: `${hub.hostName}/${deviceId}/?model-id=${'x'.repeat(2049)}` }),
      5,
    ],
    [
      'an unknown device',
      () => ({ clientId: 'nobody', username: `${hub.hostName}/nobody/?api-version=2021-04-12` }),
      5,
    ],
    [
      'an unknown module',
      () => ({
        clientId: `${deviceId}/m`,
        username: `${hub.hostName}/${deviceId}/m/?api-version=2021-04-12`,
      }),
      5,
    ],
    ['a client id of three parts', () => ({ clientId: `${deviceId}/m/n` }), 2],
    ['a module without a name', () => ({ clientId: `${deviceId}/` }), 2],
    ['a module of no device', () => ({ clientId: '/m' }), 2],
    ['MQTT 5', () => ({ protocolVersion: 5 }), 1],
    [
      'a will on a topic of its own',
      () => ({ will: { topic: 'a', payload: Buffer.from(''), qos: 0, retain: false } }),
      5,
    ],
  ])('with %s is refused, and the connection closed with FIN', async (_what, options, code) => {
    const { device, connack } = await connectWith(options())
    expect(connack.returnCode).toBe(code)
    expect(await device.closed()).toBe(true)
  })

  test.each(['', '/', '/?', '/?DeviceClientType=a/b', '/api-version=2016-11-14'])(
    'with a user name that ends in %j is accepted, for an api-version is recommended and no more',
    async (end) => {
      const { connack } = await connectWith({ username: `${hub.hostName}/${deviceId}${end}` })
      expect(connack.returnCode).toBe(0)
    },
  )

  test('with a token of the policy "device" is accepted, with one of "service" refused', async () => {
    for (const [policy, code] of [
      ['device', 0],
      ['service', 5],
    ] as const) {
      const key = /SharedAccessKey=(.*)$/.exec(hub.serviceConnectionString(policy))?.[1] ?? ''
      const password = Buffer.from(`${sas(hub.hostName, key, Date.parse('2030-01-01'))}&skn=${policy}`)
      expect((await connectWith({ password })).connack.returnCode).toBe(code)
    }
  })

  test('that does not come within ten seconds ends the connection', async () => {
    const device = await openRawDevice(hub)
    // Proof that the hub has accepted this connection: it was opened before the one that is answered.
    await connectWith()
    clock.advance(10_000)
    expect(await device.closed()).toBe(true)
  })
})

describe('a connection', () => {
  test('ends with FIN after one and a half times the keep-alive of silence, and not before', async () => {
    const { device } = await connectWith({ keepalive: 60 })
    clock.advance(89_000)
    device.send({ cmd: 'pingreq' })
    expect((await device.next()).cmd).toBe('pingresp')
    clock.advance(89_000)
    device.send({ cmd: 'pingreq' })
    expect((await device.next()).cmd).toBe('pingresp')
    clock.advance(90_000)
    expect(await device.closed()).toBe(true)
  })

  test.each([0, 65_535])(
    'of a keep-alive of %i seconds ends after 1,767 seconds of silence',
    async (keepalive) => {
      const { device } = await connectWith({ keepalive })
      clock.advance(1_766_000)
      device.send({ cmd: 'pingreq' })
      expect((await device.next()).cmd).toBe('pingresp')
      clock.advance(1_767_000)
      expect(await device.closed()).toBe(true)
    },
  )

  test('ends when its token expires', async () => {
    const { device } = await connectWith({ expiresAt: clock.now() + 60_000 })
    clock.advance(60_000)
    expect(await device.closed()).toBe(true)
  })

  test('ends with FIN when a newer one of the same device comes', async () => {
    const { device: older } = await connectWith()
    const { device: newer, connack } = await connectWith()
    expect([connack.returnCode, connack.sessionPresent]).toEqual([0, true])
    expect(await older.closed()).toBe(true)
    newer.send({ cmd: 'pingreq' })
    expect((await newer.next()).cmd).toBe('pingresp')
  })

  test('waits for its turn when connections of one device push each other out', async () => {
    await connectWith()
    for (let index = 0; index < 3; index += 1) await connectWith()
    const waiting = await openRawDevice(hub)
    waiting.send(connectPacket(hub, deviceId))
    // Answered only after the CONNACK that it need not wait for.
    waiting.send({ cmd: 'pingreq' })
    const { device: neighbour } = await connectWith({ key: other })
    await neighbour.closed()
    clock.advance(1000)
    expect([(await waiting.next()).cmd, (await waiting.next()).cmd]).toEqual(['connack', 'pingresp'])
  })

  test('takes telemetry, also the will of a device that vanishes, and not of one that says goodbye', async () => {
    const topic = `devices/${deviceId}/messages/events/`
    const will = { topic, payload: Buffer.from('gone'), qos: 0, retain: false } as const
    const before = hub.telemetryCount
    const { device } = await connectWith({ will })
    device.send({ ...telemetry, topic })
    expect(await device.next()).toMatchObject({ cmd: 'puback', messageId: 1 })
    expect(hub.telemetryCount).toBe(before + 1)
    device.send({ cmd: 'disconnect' })
    await device.closed()
    expect(hub.telemetryCount).toBe(before + 1)
    const { device: vanishing } = await connectWith({ will })
    vanishing.socket.destroy()
    await expect.poll(() => hub.telemetryCount).toBe(before + 2)
  })
})

describe('a session', () => {
  test.each([
    ['a SUBSCRIBE without a filter', [0x82, 2, 0, 1]],
    ['an UNSUBSCRIBE without a filter', [0xa2, 2, 0, 1]],
  ])('ends with %s', async (_what, bytes) => {
    const { device } = await connectWith()
    device.socket.write(Buffer.from(bytes))
    expect(await device.closed()).toBe(true)
  })

  test('answers a twin request and a report without any subscription', async () => {
    const { device } = await connectWith()
    device.send({ ...telemetry, qos: 0, topic: '$iothub/twin/GET/?$rid=1', payload: ' ' })
    const twin = (await device.next()) as IPublishPacket
    expect([twin.topic, String(twin.payload)]).toEqual([
      '$iothub/twin/res/200/?$rid=1',
      '{"desired":{"$version":1},"reported":{"$version":1}}',
    ])
    device.send({
      ...telemetry,
      qos: 0,
      topic: '$iothub/twin/PATCH/properties/reported/?$rid=2',
      payload: '{"a":1}',
    })
    expect(((await device.next()) as IPublishPacket).topic).toBe('$iothub/twin/res/204/?$rid=2&$version=2')
  })

  test('answers a report that it cannot take as IoT Hub does', async () => {
    const { device } = await connectWith()
    device.send({
      ...{ ...telemetry, qos: 0, topic: '$iothub/twin/PATCH/properties/reported/?$rid=7' },
      payload: '{"a":[{"b":null}]}',
    })
    const refusal = (await device.next()) as IPublishPacket
    expect(refusal.topic).toBe('$iothub/twin/res/400/?$rid=7')
    expect(JSON.parse(String(refusal.payload))).toEqual({
      errorCode: 400004,
      trackingId: expect.stringMatching(/^[0-9a-f]{32}-G:/) as string,
      message: 'Value of Property or Tag cannot be null. Error in Property/Tag b',
      timestampUtc: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    })
  })

  test('is found again without clean session, and is new with it', async () => {
    const { device } = await connectWith()
    device.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: '$iothub/methods/POST/#', qos: 2 }],
    })
    expect(await device.next()).toMatchObject({ cmd: 'suback', granted: [1] })
    device.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['$iothub/methods/POST/#'] })
    expect(await device.next()).toMatchObject({ cmd: 'unsuback', messageId: 2 })
    expect((await connectWith()).connack.sessionPresent).toBe(true)
    expect((await connectWith({ clean: true })).connack.sessionPresent).toBe(false)
  })
})
