import { once } from 'node:events'
import { request } from 'node:https'
import { generate } from 'mqtt-packet'
import type { IConnackPacket, Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import type { RawTarget } from '../../local-hub/testing/raw-device.ts'
import { registerDevice } from './support/device.ts'
import { diagnosticsOf } from './support/diagnostics.ts'
import { rawTarget } from './support/raw-mqtt.ts'
import { keyOf, sasFor } from './support/sas.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOf, localOnly, localTitle } from './support/target.ts'
import { hubAgent } from './support/transports.ts'
import { openWitness } from './support/witness.ts'
import type { Witness } from './support/witness.ts'

/** What an impostor shows to pass for the victim. */
type Disguise = readonly [what: string, token: (known: Known) => string]

interface Known {
  readonly host: string
  readonly victim: string
  readonly victimKey: string
  readonly attacker: string
  readonly attackerKey: string
}

const wrongKey = Buffer.alloc(32, 3).toString('base64')
const longAgo = Math.floor(Date.parse('2020-01-01') / 1000)
const resourceOf = ({ host, victim }: Known) => `${host}/devices/${victim}`

const disguises: readonly Disguise[] = [
  ['nothing', () => ''],
  ['a wrong key', (known) => sasFor(resourceOf(known), wrongKey)],
  ['an empty key', (known) => sasFor(resourceOf(known), '')],
  ['the key of another device', (known) => sasFor(resourceOf(known), known.attackerKey)],
  [
    'the token of another device',
    ({ host, attacker, attackerKey }) => sasFor(`${host}/devices/${attacker}`, attackerKey),
  ],
  ['an expired token of its own', (known) => sasFor(resourceOf(known), known.victimKey, { expiry: longAgo })],
  [
    'a token of its own for another hub',
    ({ victim, victimKey }) => sasFor(`other.example/devices/${victim}`, victimKey),
  ],
  ['a token of its own for the whole hub of another', ({ victimKey }) => sasFor('other.example', victimKey)],
  ['a policy that does not exist', ({ host }) => sasFor(host, wrongKey, { policy: 'nobody' })],
  ['a policy with a wrong key', ({ host }) => sasFor(host, wrongKey, { policy: 'iothubowner' })],
  ['a Bearer token', () => 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ['its device id', ({ victim }) => victim],
]

/** Policies that are genuine, and do not let anybody be a device. */
const powerless = ['service', 'registryRead', 'registryReadWrite'] as const

const serviceDisguises: readonly Disguise[] = [
  ...disguises,
  ['the token of a device', (known) => sasFor(resourceOf(known), known.victimKey)],
  ['the key of a device for the whole hub', ({ host, victimKey }) => sasFor(host, victimKey)],
]

describe('an impostor', () => {
  let scene: Scene
  let witness: Witness
  let known: Known
  /** Where the attacker connects, with its own key. */
  let raw: RawTarget
  let before: string

  beforeAll(async () => {
    scene = await openScene()
    const { target, service } = scene
    const [victim, attacker] = [scene.deviceId('victim'), scene.deviceId('attacker')]
    witness = await openWitness(target, service, scene.deviceId('genuine'))
    const victimKey = keyOf(await registerDevice(target, service, victim))
    const connectionString = await registerDevice(target, service, attacker)
    known = { host: service.hostName, victim, victimKey, attacker, attackerKey: keyOf(connectionString) }
    raw = rawTarget(target.address, connectionString)
    before = await stateOfVictim()
  })

  afterEach(async () => {
    expect(await stateOfVictim()).toBe(before)
    await witness.assertUnharmed()
  })

  afterAll(async () => {
    await witness.close()
    await scene.close()
  })

  /** All that the registry and the twin say, and how much telemetry there is, where the hub tells it. */
  async function stateOfVictim(): Promise<string> {
    const { registry } = scene.service
    const { local } = scene.target
    const [device, twin] = [await registry.get(known.victim), await registry.getTwin(known.victim)]
    const { properties, tags, version } = twin.responseBody as unknown as Record<string, unknown>
    const telemetry = local && (await diagnosticsOf(local)).messages.byKind['telemetry']
    return JSON.stringify([device.responseBody, properties, tags, version, telemetry])
  }

  const connectAs = (token: string) =>
    connectPacket(raw, known.victim, { clean: true, password: Buffer.from(token) })

  async function isNobodyOverMqtt(token: string): Promise<void> {
    const device = await openRawDevice(raw)
    device.send(connectAs(token))
    expect(((await device.next()) as IConnackPacket).returnCode).toBe(5)
    expect(await device.closed()).toBe(true)
  }

  async function isNobodyOnWebSocket(token: string): Promise<void> {
    const agent = hubAgent(scene.target, known.host)
    const webSocket = new WebSocket(`wss://${known.host}/$iothub/websocket`, ['mqtt'], { agent })
    await once(webSocket, 'open')
    const closed = once(webSocket, 'close')
    const answer = once(webSocket, 'message') as Promise<[Buffer]>
    webSocket.send(generate(connectAs(token)))
    expect([...(await answer)[0]]).toEqual([0x20, 2, 0, 5])
    await closed
  }

  async function isNobodyOverHttps(token: string): Promise<void> {
    const device = `/devices/${known.victim}`
    const statuses = await Promise.all([
      ask('POST', `${device}/messages/events`, token),
      ask('GET', `${device}/messages/devicebound`, token),
      ask('DELETE', `${device}/messages/devicebound/lock`, token),
      ask('POST', `${device}/messages/devicebound/lock/abandon`, token),
      ask('POST', `${device}/files`, token),
    ])
    expect(new Set(statuses)).toEqual(new Set([401]))
  }

  async function ask(method: string, path: string, token: string): Promise<number> {
    const deed = JSON.stringify({
      ...{ deviceId: known.victim, status: 'disabled' },
      ...{ tags: { by: 'impostor' }, methodName: 'reboot' },
    })
    const message = request({
      method,
      host: known.host,
      path: `${path}?api-version=2021-04-12`,
      agent: scene.target.agent,
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

  test.each(disguises)('with %s is nobody over MQTT', (_what, token) => isNobodyOverMqtt(token(known)))

  test.each(disguises)('with %s is nobody over MQTT on a WebSocket', (_what, token) =>
    isNobodyOnWebSocket(token(known)),
  )

  test.each(disguises)('with %s is nobody over HTTPS', (_what, token) => isNobodyOverHttps(token(known)))

  test.skipIf(localOnly).each(powerless)(
    localTitle('with the policy %s is nobody over any of them', 'policies'),
    async (policy) => {
      const key = keyOf(localOf(scene.target).connectionStrings[policy])
      const token = sasFor(known.host, key, { policy })
      for (const isNobody of [isNobodyOverMqtt, isNobodyOnWebSocket, isNobodyOverHttps]) await isNobody(token)
    },
  )

  test.each(serviceDisguises)('with %s is no back end', async (_what, token) => {
    const [device, twin] = [`/devices/${known.victim}`, `/twins/${known.victim}`]
    const ofTheLocalHub = [['PUT', '/$drover/faults'] as const, ['GET', '/nowhere'] as const]
    const deeds = [
      ['GET', device],
      ['PUT', device],
      ['DELETE', device],
      ['POST', '/devices'],
      ['POST', '/devices/query'],
      ['GET', twin],
      ['PATCH', twin],
      ['POST', `${twin}/methods`],
      ['PUT', '/jobs/v2/j'],
      ['DELETE', `${device}/commands`],
      ['GET', '/statistics/devices'],
      ...(scene.target.local ? ofTheLocalHub : []),
    ] as const
    const statuses = await Promise.all(deeds.map(([method, path]) => ask(method, path, token(known))))
    expect(new Set(statuses)).toEqual(new Set([401]))
  })

  test('has no better luck when it signs for a resource that only looks like its own', async () => {
    const { host, victim, attacker, attackerKey } = known
    const resources = [
      `${host}/devices/`,
      `${host}/devices`,
      host,
      `${host}/devices/${victim}/../${attacker}`,
      `${host}/devices/${attacker}/../${victim}`,
      `${host}/devices/${victim}%2F..%2F${attacker}`,
      `${host}//devices/${victim}`,
      `${host.toUpperCase()}/DEVICES/${victim.toUpperCase()}`,
    ]
    for (const resource of resources) {
      const status = await ask('POST', `/devices/${victim}/messages/events`, sasFor(resource, attackerKey))
      expect(status, resource).toBe(401)
    }
  })

  test.each<[string, (known: Known) => Packet]>([
    ['telemetry of the victim', ({ victim }) => publish(`devices/${victim}/messages/events/`)],
    [
      'telemetry of a module of its own that does not exist',
      ({ attacker }) => publish(`devices/${attacker}/modules/m/messages/events/`),
    ],
    ['telemetry of everybody', () => publish('devices/+/messages/events/')],
    ['a message for the victim', ({ victim }) => publish(`devices/${victim}/messages/devicebound/`)],
    ['a method call', () => publish('$iothub/methods/POST/reboot/?$rid=1')],
    ['desired properties', () => publish('$iothub/twin/PATCH/properties/desired/?$version=9')],
    ['an answer to a twin request', () => publish('$iothub/twin/res/200/?$rid=1')],
    ['a topic of the broker', () => publish('$SYS/broker/uptime')],
    [
      'a subscription to the messages of the victim',
      ({ victim }) => subscribe(`devices/${victim}/messages/devicebound/#`),
    ],
    ['a subscription to the messages of everybody', () => subscribe('devices/+/messages/devicebound/#')],
    ['a subscription to everything', () => subscribe('#')],
    ['a subscription to all of the hub', () => subscribe('$iothub/#')],
    ['a subscription to telemetry', ({ victim }) => subscribe(`devices/${victim}/messages/events/#`)],
    ['a subscription to the methods of one name', () => subscribe('$iothub/methods/POST/reboot/#')],
  ])('that is let in as another device is thrown out for %s', async (_what, packetOf) => {
    const device = await openRawDevice(raw)
    device.send(connectPacket(raw, known.attacker, { clean: true }))
    expect(((await device.next()) as IConnackPacket).returnCode).toBe(0)
    device.send(packetOf(known))
    expect(await device.closed()).toBe(true)
  })

  test('that is let in as another device answers no method of the victim', async () => {
    const device = await openRawDevice(raw)
    device.send(connectPacket(raw, known.attacker, { clean: true }))
    await device.next()
    // The genuine device has the next numbers of calls: an impostor may guess them.
    for (let id = 1; id < 50; id += 1) {
      device.send(publish(`$iothub/methods/res/500/?$rid=${id.toString(16)}`))
    }
    await witness.assertUnharmed()
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
