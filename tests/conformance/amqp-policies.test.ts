import { once } from 'node:events'
import type { EventContext } from 'rhea'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { registerDevice } from './support/device.ts'
import { allowedOf, deviceLinks, hubLinks, namesOf } from './support/amqp-links.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { eventsSasFor, keyOf, sasFor } from './support/sas.ts'
import { localOnly, localTitle } from './support/target.ts'

/** A real hub says the keys of its policies to its owner alone, and reads events at another host. */
describe.skipIf(localOnly)(localTitle('what each policy may do over AMQP', 'policies'), () => {
  let scene: LocalScene
  let host: string
  const opened: RawAmqp[] = []

  beforeAll(async () => {
    scene = await openLocalHub()
    host = scene.local.hostName
    await registerDevice(scene.target, scene.service, 'pump')
  })

  afterEach(() => {
    for (const client of opened.splice(0)) client.close()
  })

  afterAll(() => scene.close())

  async function open(): Promise<RawAmqp> {
    const client = await openRawAmqp(scene.local)
    opened.push(client)
    return client
  }

  type Policy = keyof LocalScene['local']['connectionStrings']

  const policyKey = (policy: Policy) => keyOf(scene.local.connectionStrings[policy])
  const policyToken = (policy: Policy, key = policyKey(policy)) => sasFor(host, key, { policy })
  const eventsToken = (policy: Policy, at = `sb://${host}/drover-local`) =>
    eventsSasFor(at, policyKey(policy), { policy })

  const eventsLinks = {
    senders: ['$management'],
    receivers: ['drover-local/ConsumerGroups/$Default/Partitions/0', '$management'],
  }
  const allLinks = [hubLinks, eventsLinks, deviceLinks('pump')]

  test('with a token of a back end: what back ends may, but not what devices do', async () => {
    const client = await open()
    expect(await client.putToken(host, policyToken('service'))).toBe(200)
    expect(await allowedOf(client, ...allLinks)).toEqual(namesOf(hubLinks))
  })

  test('with a token for the events: reading the events', async () => {
    const client = await open()
    expect(await client.putToken(`sb://${host}/drover-local`, eventsToken('service'))).toBe(200)
    expect(await allowedOf(client, ...allLinks)).toEqual(namesOf(eventsLinks))
  })

  test.each<[string, () => [audience: string, token: string]]>([
    ['with the key of another', () => [host, policyToken('service', policyKey('device'))]],
    [
      'for the events, signed as one for the hub',
      () => [
        `sb://${host}/drover-local`,
        sasFor(`sb://${host}/drover-local`, policyKey('service'), { policy: 'service' }),
      ],
    ],
    [
      'for the events of another host',
      () => ['sb://other.example/drover-local', eventsToken('service', 'sb://other.example/drover-local')],
    ],
  ])('a token %s is 401 and gives nothing', async (_what, tokenOf) => {
    const client = await open()
    expect(await client.putToken(...tokenOf())).toBe(401)
    expect(await allowedOf(client, ...allLinks)).toEqual([])
  })

  test.each<[Policy, string]>([
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

  test('messages to modules are refused by name, to whoever sends and to whoever would receive them', async () => {
    await scene.service.registry.addModule({ deviceId: 'pump', moduleId: 'camera' })
    const { responseBody } = await scene.service.registry.getModule('pump', 'camera')
    const to = '/devices/pump/modules/camera/messages/devicebound'
    const sender = await open()
    await sender.putToken(host, policyToken('service'))
    expect(await sender.send('/messages/devicebound', { to, body: 'x' })).toBe('amqp:not-implemented')
    const receiver = await open()
    const resource = `${host}/devices/pump/modules/camera`
    const key = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
    expect(await receiver.putToken(resource, sasFor(resource, key))).toBe(200)
    expect(await receiver.refusalOfReceiver(to)).toMatchObject({
      condition: 'amqp:not-implemented',
      description: expect.stringContaining('messages to modules') as string,
    })
  })

  test('feedback has the lock token in its tag, where the SDK for .NET looks for it', async () => {
    const client = await open()
    await client.putToken(host, policyToken('service'))
    const receiver = client.connection.open_receiver({
      source: { address: '/messages/servicebound/feedback' },
    })
    const arrival = once(receiver, 'message') as Promise<[EventContext]>
    const message = {
      to: '/devices/pump/messages/devicebound',
      message_id: 'short',
      absolute_expiry_time: new Date(Date.now() + 50),
      application_properties: { 'iothub-ack': 'full' },
      body: 'x',
    }
    expect(await client.send('/messages/devicebound', message)).toBeUndefined()
    const [{ delivery }] = await arrival
    expect(delivery?.tag).toHaveLength(16)
  })
})
