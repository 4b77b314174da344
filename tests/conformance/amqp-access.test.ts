import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { amqpClient } from './support/amqp-service.ts'
import { registerDevice } from './support/device.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { localOnly, localTitle } from './support/target.ts'

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600

describe.skipIf(localOnly)(localTitle('what a client may do over AMQP'), () => {
  let scene: LocalScene
  let host: string
  const keys = { pump: '', valve: '' }
  const opened: RawAmqp[] = []

  beforeAll(async () => {
    scene = await openLocalHub()
    host = scene.local.hostName
    for (const id of ['pump', 'valve'] as const) {
      const connectionString = await registerDevice(scene.target, scene.service, id)
      keys[id] = /SharedAccessKey=([^;]*)/.exec(connectionString)?.[1] ?? ''
    }
  })

  afterEach(() => {
    for (const client of opened.splice(0)) client.close()
  })

  afterAll(() => scene.close())

  async function open(login?: { username: string; password: string }): Promise<RawAmqp> {
    const client = await openRawAmqp(scene.local, login)
    opened.push(client)
    return client
  }

  const policyKey = (policy: string) =>
    /SharedAccessKey=(.*)$/.exec(
      (scene.local.connectionStrings as Record<string, string>)[policy] ?? '',
    )?.[1] ?? ''
  const deviceToken = (id: 'pump' | 'valve', expiry = inAnHour(), key = keys[id]) =>
    sas({ resource: `${host}/devices/${id}`, key: Buffer.from(key, 'base64'), expiry })
  const policyToken = (policy: string, expiry = inAnHour(), key = policyKey(policy)) =>
    sas({ resource: host, key: Buffer.from(key, 'base64'), expiry, policy })
  const eventsToken = (policy: string) =>
    sas({
      resource: `sb://${host}/drover-local`,
      key: Buffer.from(policyKey(policy)),
      expiry: inAnHour(),
      policy,
    })

  const serviceSenders = ['/messages/devicebound']
  const serviceReceivers = ['/messages/servicebound/feedback', '/messages/events/$management']
  const eventsReceivers = ['drover-local/ConsumerGroups/$Default/Partitions/0', '$management']
  const deviceSenders = (id: string) =>
    ['messages/events', 'twin', 'methods/devicebound'].map((rest) => `/devices/${id}/${rest}`)
  const deviceReceivers = (id: string) =>
    ['messages/devicebound', 'twin', 'methods/devicebound'].map((rest) => `/devices/${id}/${rest}`)

  /** The addresses that are not refused for want of a right. */
  async function allowedOf(client: RawAmqp): Promise<readonly string[]> {
    const allowed: string[] = []
    const senders = [...serviceSenders, ...deviceSenders('pump'), ...deviceSenders('valve'), '$management']
    const receivers = [
      ...serviceReceivers,
      ...eventsReceivers,
      ...deviceReceivers('pump'),
      ...deviceReceivers('valve'),
    ]
    for (const address of senders) {
      const refusal = await client.refusalOfSender(address)
      if (refusal?.condition !== 'amqp:unauthorized-access') allowed.push(`> ${address}`)
    }
    for (const address of receivers) {
      const refusal = await client.refusalOfReceiver(address)
      if (refusal?.condition !== 'amqp:unauthorized-access') allowed.push(`< ${address}`)
    }
    return allowed
  }

  test('without a token: nothing', async () => {
    expect(await allowedOf(await open())).toEqual([])
  })

  test('with a token of a device: what that device may, and nothing of another', async () => {
    const client = await open()
    expect(await client.putToken(`${host}/devices/pump`, deviceToken('pump'))).toBe(200)
    const own = [
      ...deviceSenders('pump').map((address) => `> ${address}`),
      ...deviceReceivers('pump').map((address) => `< ${address}`),
    ]
    expect(await allowedOf(client)).toEqual(own)
  })

  test('with a token of a back end: what back ends may, but not what devices do', async () => {
    const client = await open()
    expect(await client.putToken(host, policyToken('service'))).toBe(200)
    expect(await allowedOf(client)).toEqual([
      ...serviceSenders.map((address) => `> ${address}`),
      ...serviceReceivers.map((address) => `< ${address}`),
    ])
  })

  test('with a token for the events: reading the events', async () => {
    const client = await open()
    expect(await client.putToken(`sb://${host}/drover-local`, eventsToken('service'))).toBe(200)
    expect(await allowedOf(client)).toEqual([
      '> $management',
      ...eventsReceivers.map((address) => `< ${address}`),
    ])
  })

  test.each<[string, () => [audience: string, token: string]]>([
    ['of a device that has expired', () => [`${host}/devices/pump`, deviceToken('pump', 1000)]],
    [
      'of a device with the key of another',
      () => [`${host}/devices/pump`, deviceToken('pump', inAnHour(), keys.valve)],
    ],
    ['of a policy that has expired', () => [host, policyToken('service', 1000)]],
    [
      'of a policy with the key of another',
      () => [host, policyToken('service', inAnHour(), policyKey('device'))],
    ],
    [
      'for the events, signed as one for the hub',
      () => [
        `sb://${host}/drover-local`,
        sas({
          resource: `sb://${host}/drover-local`,
          key: Buffer.from(policyKey('service'), 'base64'),
          expiry: inAnHour(),
          policy: 'service',
        }),
      ],
    ],
    [
      'for the events of another host',
      () => [
        'sb://other.example/drover-local',
        sas({
          resource: 'sb://other.example/drover-local',
          key: Buffer.from(policyKey('service')),
          expiry: inAnHour(),
          policy: 'service',
        }),
      ],
    ],
    ['that is none', () => [host, 'hello']],
    ['of Entra ID, when no test token was set', () => [host, 'Bearer abcdefgh']],
  ])('a token %s is 401 and gives nothing', async (_what, tokenOf) => {
    const client = await open()
    expect(await client.putToken(...tokenOf())).toBe(401)
    expect(await allowedOf(client)).toEqual([])
  })

  test.each([
    ['registryRead', 'lacks the right ServiceConnect'],
    ['registryReadWrite', 'lacks the right ServiceConnect'],
    ['device', 'lacks the right ServiceConnect'],
  ])('the policy %s may not send to devices, and the refusal says why', async (policy, why) => {
    const client = await open()
    expect(await client.putToken(host, policyToken(policy))).toBe(200)
    const refusal = await client.refusalOfSender('/messages/devicebound')
    expect(refusal?.condition).toBe('amqp:unauthorized-access')
    expect(refusal?.description).toContain(why)
  })

  test('a device cannot speak in the name of another on a link of its own', async () => {
    const client = await open()
    await client.putToken(`${host}/devices/pump`, deviceToken('pump'))
    expect(
      await client.send('/devices/pump/messages/events', { to: '/devices/valve/messages/events', body: 'x' }),
    ).toBe(undefined)
    const { responseBody } = await scene.service.registry.get('valve')
    expect(responseBody.lastActivityTime).toBe('0001-01-01T00:00:00Z')
  })

  test('a token that expires takes the connection with it', async () => {
    const client = await open()
    await client.putToken(`${host}/devices/pump`, deviceToken('pump', Math.floor(Date.now() / 1000) + 2))
    expect(await client.refusalOfReceiver('/devices/pump/messages/devicebound')).toBeUndefined()
    const gone = new Promise((resolve) => client.connection.once('disconnected', resolve))
    await gone
    const twin = (await scene.service.registry.getTwin('pump')).responseBody as { connectionState?: string }
    expect(twin.connectionState).toBe('Disconnected')
  })

  test('file notifications are not configured, and the SDK is told so', async () => {
    const client = await open()
    await client.putToken(host, policyToken('service'))
    const refusal = await client.refusalOfReceiver('/messages/serviceBound/filenotifications')
    expect(refusal).toMatchObject({ condition: 'amqp:not-found' })
    expect(refusal?.description).toContain('not configured')
  })

  test('an address that the hub does not have is refused by name', async () => {
    const client = await open()
    await client.putToken(host, policyToken('iothubowner'))
    expect(await client.refusalOfSender('/messages/elsewhere')).toMatchObject({
      condition: 'amqp:not-implemented',
      description: expect.stringContaining(
        'does not implement the AMQP address "/messages/elsewhere"',
      ) as string,
    })
    expect(await client.refusalOfSender('/messages/servicebound/feedback')).toMatchObject({
      condition: 'amqp:not-allowed',
    })
  })

  test('a message to a device needs an address, a documented ack and texts as properties', async () => {
    const client = await open()
    await client.putToken(host, policyToken('service'))
    const to = '/devices/pump/messages/devicebound'
    const send = (message: object) => client.send('/messages/devicebound', { body: 'x', ...message })
    expect(await send({})).toBe('com.microsoft:argument-error')
    expect(await send({ to, application_properties: { 'iothub-ack': 'always' } })).toBe(
      'com.microsoft:argument-error',
    )
    expect(await send({ to, application_properties: { list: [1] } })).toBe('com.microsoft:argument-error')
    expect(await send({ to, application_properties: { number: 1 } })).toBeUndefined()
  })

  test('SASL PLAIN with a token, as for the events, is redirected to them', async () => {
    const password = sas({
      resource: `${host}/messages/events`,
      key: Buffer.from(policyKey('service'), 'base64'),
      expiry: inAnHour(),
      policy: 'service',
    })
    const client = await open({ username: 'service@sas.root.drover-local', password })
    const refusal = await client.refusalOfReceiver(`amqps://${host}/messages/events/$management`)
    expect(refusal).toMatchObject({
      condition: 'amqp:link:redirect',
      info: {
        hostname: host,
        'network-host': host,
        port: scene.local.amqpsPort,
        address: `amqps://${host}:${scene.local.amqpsPort}/drover-local/$management`,
      },
    })
  })

  test('SASL PLAIN with a password that is no token is refused', async () => {
    await expect(open({ username: 'service@sas.root.drover-local', password: 'secret' })).rejects.toThrow(
      /refused/,
    )
  })

  test('the service SDK with a wrong key does not connect', async () => {
    const wrong = scene.local.connectionString.replace(/SharedAccessKey=.*/, `SharedAccessKey=${keys.pump}`)
    await expect(amqpClient(scene.target, wrong).open()).rejects.toMatchObject({
      amqpError: { name: 'UnauthorizedError' },
    })
  })
})

interface Signature {
  readonly resource: string
  readonly key: Buffer
  /** Seconds since the epoch. */
  readonly expiry: number
  readonly policy?: string
}

function sas({ resource, key, expiry, policy }: Signature): string {
  const sr = encodeURIComponent(resource)
  const signature = createHmac('sha256', key).update(`${sr}\n${expiry}`).digest('base64')
  const name = policy === undefined ? '' : `&skn=${policy}`
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${expiry}${name}`
}
