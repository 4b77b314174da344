import { once } from 'node:events'
import { Message } from 'azure-iot-device'
import type { Client, Twin } from 'azure-iot-device'
import { NoRetry } from 'azure-iothub/dist/common-core/retry_policy.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openAmqpDevice } from './support/amqp-device.ts'
import { amqpClient } from './support/amqp-service.ts'
import { receiveMessages, send } from './support/cloud-to-device.ts'
import { closeDevice, registerDevice, report } from './support/device.ts'
import { diagnosticsOf } from './support/diagnostics.ts'
import { eventually } from './support/eventually.ts'
import { openEventHub, readEvents, trustHub } from './support/event-hub.ts'
import { openFaultyHub } from './support/faulty-hub.ts'
import type { FaultyHub, Rule } from './support/faulty-hub.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { keyOf, sasFor } from './support/sas.ts'
import { errorNumberOf, invoke, refusalOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('faults over AMQP', 'faults'), () => {
  let scene: FaultyHub
  let connectionString: string
  let client: Client

  beforeAll(async () => {
    scene = await openFaultyHub()
    trustHub(scene.local)
    connectionString = await registerDevice(scene.target, scene.service, 'd')
  })

  afterAll(() => scene.close())

  beforeEach(async () => {
    client = await openAmqpDevice(scene.target, connectionString)
    client.on('error', () => undefined)
  })

  afterEach(async () => {
    await scene.plan()
    await closeDevice(client)
  })

  /** The device, link by link, with its token. */
  async function rawDevice(): Promise<RawAmqp> {
    const raw = await openRawAmqp(scene.local)
    const resource = `${scene.local.hostName}/devices/d`
    await raw.putToken(resource, sasFor(resource, keyOf(connectionString)))
    return raw
  }

  const reported = async () => (await scene.service.registry.getTwin('d')).responseBody.properties.reported
  const telemetry = async () => (await diagnosticsOf(scene.local)).messages.byKind['telemetry']
  const state = async () => String((await scene.service.registry.get('d')).responseBody.connectionState)

  test.each([
    [503, 'InternalServerError'],
    [401, 'UnauthorizedError'],
    [404, 'DeviceNotFoundError'],
    [429, 'ThrottlingError'],
  ])('telemetry that is refused with %i is %s, and none', async (status, name) => {
    client.setRetryPolicy(new NoRetry())
    await client.sendEvent(new Message('{}'))
    const before = await telemetry()
    await scene.plan({ operation: 'telemetry', count: 1, effect: { kind: 'status', status } })
    await expect(client.sendEvent(new Message('{}'))).rejects.toMatchObject({ name })
    expect(await telemetry()).toBe(before)
    await client.sendEvent(new Message('{}'))
  })

  test('telemetry that is met with silence waits, and a slow hub takes it later', async () => {
    await scene.plan(
      { operation: 'telemetry', count: 1, effect: { kind: 'silence' } },
      { operation: 'telemetry', count: 1, effect: { kind: 'slow', delayMs: 300 } },
    )
    const silent = client.sendEvent(new Message('{}')).then(
      () => 'sent',
      () => 'failed',
    )
    const started = Date.now()
    const slow = client.sendEvent(new Message('{}')).then(() => 'slow')
    expect(await Promise.race([silent, slow])).toBe('slow')
    expect(Date.now() - started).toBeGreaterThanOrEqual(290)
  })

  test('telemetry whose answer is lost has arrived, and the SDK sends it again', async () => {
    const before = (await telemetry()) ?? 0
    await scene.plan({ operation: 'telemetry', count: 1, effect: { kind: 'lostResponse' } })
    await client.sendEvent(new Message('{}'))
    expect(await telemetry()).toBeGreaterThanOrEqual(before + 2)
    expect(await scene.hits()).toEqual([1])
  })

  test('telemetry that ends in a reset has not arrived, and the SDK sends it again', async () => {
    const before = (await telemetry()) ?? 0
    await scene.plan({ operation: 'telemetry', count: 1, effect: { kind: 'reset' } })
    await client.sendEvent(new Message('{}'))
    expect(await telemetry()).toBe(before + 1)
    expect(await scene.hits()).toEqual([1])
  })

  test('a report that fails is not kept; one that is only slow is', async () => {
    const twin: Twin = await client.getTwin()
    await scene.plan(
      { operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'status', status: 429 } },
      { operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'slow', delayMs: 50 } },
    )
    await expect(report(twin, { rate: 1 })).rejects.toMatchObject({ amqpError: { name: 'ThrottlingError' } })
    expect(await reported()).not.toHaveProperty('rate')
    await report(twin, { rate: 2 })
    expect(await reported()).toMatchObject({ rate: 2 })
  })

  test('a report whose answer is lost is kept, and the connection breaks', async () => {
    const twin: Twin = await client.getTwin()
    const gone = once(client, 'disconnect')
    client.setRetryPolicy(new NoRetry())
    await scene.plan({ operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'lostResponse' } })
    report(twin, { lost: 1 }).catch(() => undefined)
    await gone
    expect(await reported()).toMatchObject({ lost: 1 })
  })

  test('the word of a device that it has a message is lost, and the message comes again', async () => {
    const sender = amqpClient(scene.target)
    await send(sender, 'd', { id: 'a' })
    await scene.plan({ operation: 'cloudToDevice', device: 'd', count: 1, effect: { kind: 'silence' } })
    const inbox = receiveMessages(client)
    await expect.poll(() => inbox.ids).toEqual(['a'])
    await inbox.settle(0, 'complete')
    await expect.poll(() => scene.hits()).toEqual([1])
    await closeDevice(client)
    client = await openAmqpDevice(scene.target, connectionString)
    const next = receiveMessages(client)
    await expect.poll(() => next.ids).toEqual(['a'])
    await next.settle(0, 'complete')
    await send(sender, 'd', { id: 'b' })
    await expect.poll(() => next.ids).toEqual(['a', 'b'])
    await sender.close()
  })

  test('an answer to a method that is lost times out for the back end', async () => {
    client.onDeviceMethod('echo', (_request, response) => {
      // The SDK hears nothing of its answer until it hangs up.
      response.send(200).catch(() => undefined)
    })
    await client.getTwin()
    await scene.plan({ operation: 'methodAnswer', effect: { kind: 'silence' } })
    const call = { name: 'echo', responseSeconds: 5, connectSeconds: 10 }
    const refusal = await refusalOf(invoke(scene.service, 'd', call))
    expect([refusal.status, errorNumberOf(refusal)]).toEqual([504, 504101])
    expect(await scene.hits()).toEqual([1])
  })

  test.each<[string, Rule['effect']]>([
    ['refuses it', { kind: 'status', status: 503 }],
    ['hangs up', { kind: 'reset' }],
    ['hangs up after it has connected', { kind: 'lostResponse' }],
    ['is slow', { kind: 'slow', delayMs: 200 }],
  ])('a device comes through a hub that %s', async (_what, effect) => {
    await scene.plan({ operation: 'connection', device: 'd', count: 1, effect })
    await client.sendEvent(new Message('{}'))
    expect(await scene.hits()).toEqual([1])
  })

  test('a device whose connection is met with silence is not connected', async () => {
    await scene.plan({ operation: 'connection', count: 1, effect: { kind: 'silence' } })
    // The SDK would wait for the end of its link for ever, and so would this test.
    const raw = await rawDevice()
    const silent = raw.refusalOfReceiver('/devices/d/messages/devicebound').then(() => 'answered')
    await eventually(
      () => scene.hits(),
      ([first]) => first === 1,
    )
    expect(await state()).toBe('Disconnected')
    const other = await rawDevice()
    const open = other.refusalOfReceiver('/devices/d/messages/devicebound').then(() => 'open')
    expect(await Promise.race([silent, open])).toBe('open')
    raw.close()
    other.close()
  })

  test('a back end that sends to devices is refused, and sends after all', async () => {
    const sender = amqpClient(scene.target)
    sender.setRetryPolicy(new NoRetry())
    await sender.open()
    await scene.plan({
      operation: 'sendToDevice',
      device: 'd',
      count: 1,
      effect: { kind: 'status', status: 429 },
    })
    await expect(send(sender, 'd', { id: 'a' })).rejects.toMatchObject({ name: 'ThrottlingError' })
    await send(sender, 'd', { id: 'b' })
    await sender.close()
  })

  test('a back end is refused its feedback, once', async () => {
    const raw = await openRawAmqp(scene.local)
    const { hostName, connectionString: owner } = scene.local
    await raw.putToken(hostName, sasFor(hostName, keyOf(owner), { policy: 'iothubowner' }))
    await scene.plan({ operation: 'feedback', count: 1, effect: { kind: 'status', status: 429 } })
    const refusals = [
      await raw.refusalOfReceiver('/messages/servicebound/feedback'),
      await raw.refusalOfReceiver('/messages/servicebound/feedback'),
    ]
    expect(refusals.map((refusal) => refusal?.condition)).toEqual([
      'com.microsoft:device-container-throttled',
      undefined,
    ])
    raw.close()
  })

  test('a reader of the built-in endpoint is refused, and reads after all', async () => {
    await scene.plan({ operation: 'events', count: 1, effect: { kind: 'status', status: 503 } })
    const events = openEventHub(scene.local)
    const refused = readEvents(events, { partitionId: '0' })
    await expect.poll(() => refused.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(await scene.hits()).toEqual([1])
    await refused.close()
    await client.sendEvent(new Message('{"after":"all"}'))
    const reader = readEvents(events)
    await expect
      .poll(() => reader.bodiesOf('Telemetry'), { timeout: 10_000 })
      .toContainEqual({ after: 'all' })
    await reader.close()
    await events.close()
  })
})
