import { once } from 'node:events'
import { request } from 'node:https'
import { generate } from 'mqtt-packet'
import type { IConnackPacket, Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import { openHostileScene } from './support/hostile-scene.ts'
import type { HostileScene } from './support/hostile-scene.ts'
import { sasFor } from './support/sas.ts'
import { localOnly, localTitle } from './support/target.ts'

/** What an impostor shows to pass for `victim`. */
type Disguise = readonly [what: string, token: (keys: Keys) => string]

interface Keys {
  readonly host: string
  readonly victim: string
  readonly attacker: string
  readonly policyKey: (policy: PolicyName) => string
}

type PolicyName = 'iothubowner' | 'service' | 'device' | 'registryRead' | 'registryReadWrite'

const deed = '{"deviceId":"victim","status":"disabled","tags":{"by":"impostor"},"methodName":"reboot"}'
const wrongKey = Buffer.alloc(32, 3).toString('base64')
const longAgo = Math.floor(Date.parse('2020-01-01') / 1000)

const disguises: readonly Disguise[] = [
  ['nothing', () => ''],
  ['a wrong key', ({ host }) => sasFor(`${host}/devices/victim`, wrongKey)],
  ['an empty key', ({ host }) => sasFor(`${host}/devices/victim`, '')],
  ['the key of another device', ({ host, attacker }) => sasFor(`${host}/devices/victim`, attacker)],
  ['the token of another device', ({ host, attacker }) => sasFor(`${host}/devices/attacker`, attacker)],
  [
    'an expired token of its own',
    ({ host, victim }) => sasFor(`${host}/devices/victim`, victim, { expiry: longAgo }),
  ],
  ['a token of its own for another hub', ({ victim }) => sasFor('other.example/devices/victim', victim)],
  ['a token of its own for the whole hub of another', ({ victim }) => sasFor('other.example', victim)],
  ['a policy that does not exist', ({ host }) => sasFor(host, wrongKey, { policy: 'nobody' })],
  ['a policy with a wrong key', ({ host }) => sasFor(host, wrongKey, { policy: 'iothubowner' })],
  ['a Bearer token', () => 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['its device id', () => 'victim'],
]

/** Policies that are genuine, and do not let anybody be a device. */
const powerless: readonly PolicyName[] = ['service', 'registryRead', 'registryReadWrite']

const deviceDisguises: readonly Disguise[] = [
  ...disguises,
  ...powerless.map((policy): Disguise => [
    `the policy ${policy}`,
    ({ host, policyKey }) => sasFor(host, policyKey(policy), { policy }),
  ]),
]

const serviceDisguises: readonly Disguise[] = [
  ...disguises,
  ['the token of a device', ({ host, victim }) => sasFor(`${host}/devices/victim`, victim)],
  ['the key of a device for the whole hub', ({ host, victim }) => sasFor(host, victim)],
]

describe.skipIf(localOnly)(localTitle('an impostor'), () => {
  let scene: HostileScene
  let keys: Keys
  let before: string

  beforeAll(async () => {
    scene = await openHostileScene()
    const keyOf = (connectionString: string) => /SharedAccessKey=([^;]*)/.exec(connectionString)?.[1] ?? ''
    keys = {
      host: scene.hub.hostName,
      victim: keyOf(await scene.hub.createDevice('victim')),
      attacker: keyOf(await scene.hub.createDevice('attacker')),
      policyKey: (policy) => keyOf(scene.hub.serviceConnectionString(policy)),
    }
    before = await stateOfVictim()
  })

  afterEach(async () => {
    expect(await stateOfVictim()).toBe(before)
    await scene.assertUnharmed()
  })

  afterAll(() => scene.close())

  /** All that the registry and the twin say, and how much telemetry there is. */
  async function stateOfVictim(): Promise<string> {
    const { registry } = scene.service
    const [device, twin] = [await registry.get('victim'), await registry.getTwin('victim')]
    const { properties, tags, version } = twin.responseBody as unknown as Record<string, unknown>
    return JSON.stringify([device.responseBody, properties, tags, version, scene.hub.telemetryCount])
  }

  const connectAs = (token: string) =>
    connectPacket(scene.hub, 'victim', { clean: true, password: Buffer.from(token) })

  test.each(deviceDisguises)('with %s is nobody over MQTT', async (_what, token) => {
    const device = await openRawDevice(scene.hub)
    device.send(connectAs(token(keys)))
    expect(((await device.next()) as IConnackPacket).returnCode).toBe(5)
    expect(await device.closed()).toBe(true)
  })

  test.each(deviceDisguises)('with %s is nobody over MQTT on a WebSocket', async (_what, token) => {
    const { httpsPort, caCertificate: ca } = scene.hub
    const url = `wss://127.0.0.1:${httpsPort}/$iothub/websocket`
    const options = { ca, servername: 'localhost' }
    const webSocket = new WebSocket(url, ['mqtt'], options)
    await once(webSocket, 'open')
    const closed = once(webSocket, 'close')
    const answer = once(webSocket, 'message') as Promise<[Buffer]>
    webSocket.send(generate(connectAs(token(keys))))
    expect([...(await answer)[0]]).toEqual([0x20, 2, 0, 5])
    await closed
  })

  async function ask(method: string, path: string, token: string): Promise<number> {
    const message = request({
      method,
      path: `${path}?api-version=2021-04-12`,
      agent: scene.agent,
      headers: {
        'content-type': 'application/json',
        'content-length': deed.length,
        'if-match': '*',
        ...(token !== '' && { authorization: token }),
      },
    })
    message.end(deed)
    const [response] = (await once(message, 'response')) as [NodeJS.ReadableStream & { statusCode: number }]
    await once(response.resume(), 'end')
    return response.statusCode
  }

  test.each(deviceDisguises)('with %s is nobody over HTTPS', async (_what, token) => {
    const statuses = await Promise.all([
      ask('POST', '/devices/victim/messages/events', token(keys)),
      ask('GET', '/devices/victim/messages/devicebound', token(keys)),
      ask('DELETE', '/devices/victim/messages/devicebound/lock', token(keys)),
      ask('POST', '/devices/victim/messages/devicebound/lock/abandon', token(keys)),
      ask('POST', '/devices/victim/files', token(keys)),
    ])
    expect(new Set(statuses)).toEqual(new Set([401]))
  })

  test.each(serviceDisguises)('with %s is no back end', async (_what, token) => {
    const statuses = await Promise.all([
      ask('GET', '/devices/victim', token(keys)),
      ask('PUT', '/devices/victim', token(keys)),
      ask('DELETE', '/devices/victim', token(keys)),
      ask('POST', '/devices', token(keys)),
      ask('POST', '/devices/query', token(keys)),
      ask('GET', '/twins/victim', token(keys)),
      ask('PATCH', '/twins/victim', token(keys)),
      ask('POST', '/twins/victim/methods', token(keys)),
      ask('PUT', '/jobs/v2/j', token(keys)),
      ask('DELETE', '/devices/victim/commands', token(keys)),
      ask('GET', '/statistics/devices', token(keys)),
      ask('PUT', '/$drover/faults', token(keys)),
      ask('GET', '/nowhere', token(keys)),
    ])
    expect(new Set(statuses)).toEqual(new Set([401]))
  })

  test('has no better luck when it signs for a resource that only looks like its own', async () => {
    const { host, attacker } = keys
    const resources = [
      `${host}/devices/`,
      `${host}/devices`,
      host,
      `${host}/devices/victim/../attacker`,
      `${host}/devices/attacker/../victim`,
      `${host}/devices/victim%2F..%2Fattacker`,
      `${host}//devices/victim`,
      `${host.toUpperCase()}/DEVICES/VICTIM`,
    ]
    for (const resource of resources) {
      expect(await ask('POST', '/devices/victim/messages/events', sasFor(resource, attacker)), resource).toBe(
        401,
      )
    }
  })

  test.each<[string, Packet]>([
    ['telemetry of the victim', publish('devices/victim/messages/events/')],
    [
      'telemetry of a module of its own that does not exist',
      publish('devices/attacker/modules/m/messages/events/'),
    ],
    ['telemetry of everybody', publish('devices/+/messages/events/')],
    ['a message for the victim', publish('devices/victim/messages/devicebound/')],
    ['a method call', publish('$iothub/methods/POST/reboot/?$rid=1')],
    ['desired properties', publish('$iothub/twin/PATCH/properties/desired/?$version=9')],
    ['an answer to a twin request', publish('$iothub/twin/res/200/?$rid=1')],
    ['a topic of the broker', publish('$SYS/broker/uptime')],
    ['a subscription to the messages of the victim', subscribe('devices/victim/messages/devicebound/#')],
    ['a subscription to the messages of everybody', subscribe('devices/+/messages/devicebound/#')],
    ['a subscription to everything', subscribe('#')],
    ['a subscription to all of the hub', subscribe('$iothub/#')],
    ['a subscription to telemetry', subscribe('devices/victim/messages/events/#')],
    ['a subscription to the methods of one name', subscribe('$iothub/methods/POST/reboot/#')],
  ])('that is let in as another device is thrown out for %s', async (_what, packet) => {
    const device = await openRawDevice(scene.hub)
    device.send(connectPacket(scene.hub, 'attacker', { clean: true }))
    expect(((await device.next()) as IConnackPacket).returnCode).toBe(0)
    device.send(packet)
    expect(await device.closed()).toBe(true)
  })

  test('that is let in as another device answers no method of the victim', async () => {
    const device = await openRawDevice(scene.hub)
    device.send(connectPacket(scene.hub, 'attacker', { clean: true }))
    await device.next()
    // The genuine device has the next numbers of calls: an impostor may guess them.
    for (let id = 1; id < 50; id += 1) {
      device.send(publish(`$iothub/methods/res/500/?$rid=${id.toString(16)}`))
    }
    await scene.assertUnharmed()
    device.send({ cmd: 'pingreq' })
    expect((await device.next()).cmd).toBe('pingresp')
    device.socket.end()
    await device.closed()
  })
})

function publish(topic: string): Packet {
  return { cmd: 'publish', topic, payload: '{"by":"impostor"}', qos: 0, dup: false, retain: false }
}

function subscribe(topic: string): Packet {
  return { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }
}
