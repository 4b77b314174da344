import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allowedOf, deviceLinks, hubLinks, namesOf } from './support/amqp-links.ts'
import { amqpClient } from './support/amqp-service.ts'
import { registerDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { findEventHubs } from './support/redirection.ts'
import { keyOf, sasFor } from './support/sas.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOf, localOnly, localTitle } from './support/target.ts'

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

describe('what a client may do over AMQP', () => {
  let scene: Scene
  let host: string
  let pump: string
  let valve: string
  const keys = new Map<string, string>()
  const opened: RawAmqp[] = []

  beforeAll(async () => {
    scene = await openScene()
    host = scene.service.hostName
    pump = scene.deviceId('pump')
    valve = scene.deviceId('valve')
    for (const id of [pump, valve]) keys.set(id, keyOf(await registerDevice(scene.target, scene.service, id)))
  })

  afterEach(() => {
    for (const client of opened.splice(0)) client.close()
  })

  afterAll(() => scene.close())

  async function open(login?: { username: string; password: string }): Promise<RawAmqp> {
    const client = await openRawAmqp(scene.target.address, login)
    opened.push(client)
    return client
  }

  const keyOfDevice = (id: string) => keys.get(id) ?? ''
  const deviceToken = (id: string, expiry = inAnHour(), key = keyOfDevice(id)) =>
    sasFor(`${host}/devices/${id}`, key, { expiry })

  const allLinks = () => [hubLinks, deviceLinks(pump), deviceLinks(valve)]

  test('without a token: nothing', async () => {
    expect(await allowedOf(await open(), ...allLinks())).toEqual([])
  })

  test('with a token of a device: what that device may, and nothing of another', async () => {
    const client = await open()
    expect(await client.putToken(`${host}/devices/${pump}`, deviceToken(pump))).toBe(200)
    expect(await allowedOf(client, ...allLinks())).toEqual(namesOf(deviceLinks(pump)))
  })

  test.each<[string, () => [audience: string, token: string]]>([
    ['of a device that has expired', () => [`${host}/devices/${pump}`, deviceToken(pump, 1000)]],
    [
      'of a device with the key of another',
      () => [`${host}/devices/${pump}`, deviceToken(pump, inAnHour(), keyOfDevice(valve))],
    ],
    ['of a policy that has expired', () => [host, policyToken(1000)]],
    ['of a policy with the key of a device', () => [host, policyToken(inAnHour(), keyOfDevice(pump))]],
    ['that is none', () => [host, 'hello']],
    ['of Entra ID that is none', () => [host, 'Bearer abcdefgh']],
  ])('a token %s is 401 and gives nothing', async (_what, tokenOf) => {
    const client = await open()
    expect(await client.putToken(...tokenOf())).toBe(401)
    expect(await allowedOf(client, ...allLinks())).toEqual([])
  })

  test('a device cannot speak in the name of another on a link of its own', async () => {
    const client = await open()
    await client.putToken(`${host}/devices/${pump}`, deviceToken(pump))
    expect(
      await client.send(`/devices/${pump}/messages/events`, {
        to: `/devices/${valve}/messages/events`,
        body: 'x',
      }),
    ).toBe(undefined)
    const { responseBody } = await scene.service.registry.get(valve)
    expect(responseBody.lastActivityTime).toBe('0001-01-01T00:00:00Z')
  })

  test('a token that expires takes the connection with it', async () => {
    const client = await open()
    await client.putToken(`${host}/devices/${pump}`, deviceToken(pump, Math.floor(Date.now() / 1000) + 2))
    expect(await client.refusalOfReceiver(`/devices/${pump}/messages/devicebound`)).toBeUndefined()
    await once(client.connection, 'disconnected')
    const stateOf = async () =>
      ((await scene.service.registry.getTwin(pump)).responseBody as { connectionState?: string })
        .connectionState
    expect(await eventually(stateOf, (state) => state === 'Disconnected')).toBe('Disconnected')
  })

  test('the connection string of the hub is enough to be told where its events are', async () => {
    const found = await findEventHubs(scene.target.address)
    const names = 'Endpoint=sb://([^/]+)/;SharedAccessKeyName=([^;]+);SharedAccessKey=([^;]+);EntityPath=(.+)'
    expect(found).toMatch(new RegExp(`^${names}$`))
  })

  test.skipIf(localOnly)(
    localTitle('the address of the events is on the port of AMQP, at the hub itself', 'ownChoice'),
    async () => {
      const { amqpsPort, connectionString } = localOf(scene.target)
      const endpoint = `Endpoint=sb://${host}:${amqpsPort}/;`
      expect(await findEventHubs(scene.target.address)).toBe(
        `${endpoint}SharedAccessKeyName=iothubowner;SharedAccessKey=${keyOf(connectionString)};EntityPath=drover-local`,
      )
    },
  )

  test('SASL PLAIN with a password that is no token is refused', async () => {
    const username = `service@sas.root.${host.split('.')[0] ?? ''}`
    await expect(open({ username, password: 'secret' })).rejects.toThrow(/refused/)
  })

  test('the service SDK with a wrong key does not connect', async () => {
    const { connectionString } = scene.target
    const wrong = connectionString.replace(/SharedAccessKey=.*/, `SharedAccessKey=${keyOfDevice(pump)}`)
    await expect(amqpClient(scene.target, wrong).open()).rejects.toMatchObject({
      amqpError: { name: 'UnauthorizedError' },
    })
  })

  function policyToken(expiry: number, key = keyOf(scene.target.connectionString)): string {
    const policy = /SharedAccessKeyName=([^;]*)/.exec(scene.target.connectionString)?.[1] ?? ''
    return sasFor(host, key, { expiry, policy })
  }
})
