import { once } from 'node:events'
import { Message } from 'azure-iot-device'
import type { Client, Twin } from 'azure-iot-device'
import { NoRetry } from 'azure-iothub/dist/common-core/retry_policy.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WrittenFaultPlan } from '../../local-hub/faults/fault-plan.ts'
import { openAmqpDevice } from './support/amqp-device.ts'
import { amqpClient } from './support/amqp-service.ts'
import { send } from './support/cloud-to-device.ts'
import { closeDevice, registerDevice, report } from './support/device.ts'
import { askHub, diagnosticsOf } from './support/diagnostics.ts'
import { eventually } from './support/eventually.ts'
import { openEventHub, readEvents, trustHub } from './support/event-hub.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import type { RawAmqp } from './support/raw-amqp.ts'
import { sasFor } from './support/sas.ts'
import { errorNumberOf, invoke, refusalOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

type Rule = WrittenFaultPlan['rules'][number]

describe.skipIf(localOnly)(localTitle('faults over AMQP'), () => {
  let scene: LocalScene
  let connectionString: string
  let client: Client

  beforeAll(async () => {
    scene = await openLocalHub()
    trustHub(scene.local)
    connectionString = await registerDevice(scene.target, scene.service, 'd')
  })

  afterAll(() => scene.close())

  beforeEach(async () => {
    client = await openAmqpDevice(scene.target, connectionString)
    client.on('error', () => undefined)
  })

  afterEach(async () => {
    await plan()
    await closeDevice(client)
  })

  async function plan(...rules: readonly Rule[]): Promise<void> {
    const body = JSON.stringify({ rules })
    const { status } = await askHub(scene.local, { method: 'PUT', path: '/$drover/faults', body })
    expect(status).toBe(200)
  }

  /** The device, link by link, with its token. */
  async function rawDevice(): Promise<RawAmqp> {
    const raw = await openRawAmqp(scene.local)
    const resource = `${scene.local.hostName}/devices/d`
    await raw.putToken(
      resource,
      sasFor(resource, /SharedAccessKey=([^;]*)/.exec(connectionString)?.[1] ?? ''),
    )
    return raw
  }

  const hits = async () =>
    (await diagnosticsOf(scene.local)).faults.map((fault) => (fault as { hits: number }).hits)
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
    await plan({ operation: 'telemetry', count: 1, effect: { kind: 'status', status } })
    await expect(client.sendEvent(new Message('{}'))).rejects.toMatchObject({ name })
    expect(await telemetry()).toBe(before)
    await client.sendEvent(new Message('{}'))
  })

  test('telemetry that is met with silence waits, and a slow hub takes it later', async () => {
    await plan(
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
    await plan({ operation: 'telemetry', count: 1, effect: { kind: 'lostResponse' } })
    await client.sendEvent(new Message('{}'))
    expect(await telemetry()).toBeGreaterThanOrEqual(before + 2)
    expect(await hits()).toEqual([1])
  })

  test('telemetry that ends in a reset has not arrived, and the SDK sends it again', async () => {
    const before = (await telemetry()) ?? 0
    await plan({ operation: 'telemetry', count: 1, effect: { kind: 'reset' } })
    await client.sendEvent(new Message('{}'))
    expect(await telemetry()).toBe(before + 1)
    expect(await hits()).toEqual([1])
  })

  test('a report that fails is not kept; one that is only slow is', async () => {
    const twin: Twin = await client.getTwin()
    await plan(
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
    await plan({ operation: 'deviceTwinUpdate', count: 1, effect: { kind: 'lostResponse' } })
    report(twin, { lost: 1 }).catch(() => undefined)
    await gone
    expect(await reported()).toMatchObject({ lost: 1 })
  })

  test('an answer to a method that is lost times out for the back end', async () => {
    client.onDeviceMethod('echo', (_request, response) => {
      // The SDK hears nothing of its answer until it hangs up.
      response.send(200).catch(() => undefined)
    })
    await client.getTwin()
    await plan({ operation: 'methodAnswer', effect: { kind: 'silence' } })
    const call = { name: 'echo', responseSeconds: 5, connectSeconds: 10 }
    const refusal = await refusalOf(invoke(scene.service, 'd', call))
    expect([refusal.status, errorNumberOf(refusal)]).toEqual([504, 504101])
    expect(await hits()).toEqual([1])
  })

  test.each<[string, Rule['effect']]>([
    ['refuses it', { kind: 'status', status: 503 }],
    ['hangs up', { kind: 'reset' }],
    ['hangs up after it has connected', { kind: 'lostResponse' }],
    ['is slow', { kind: 'slow', delayMs: 200 }],
  ])('a device comes through a hub that %s', async (_what, effect) => {
    await plan({ operation: 'connection', device: 'd', count: 1, effect })
    await client.sendEvent(new Message('{}'))
    expect(await hits()).toEqual([1])
  })

  test('a device whose connection is met with silence is not connected', async () => {
    await plan({ operation: 'connection', count: 1, effect: { kind: 'silence' } })
    // The SDK would wait for the end of its link for ever, and so would this test.
    const raw = await rawDevice()
    const silent = raw.refusalOfReceiver('/devices/d/messages/devicebound').then(() => 'answered')
    await eventually(hits, ([first]) => first === 1)
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
    await plan({ operation: 'sendToDevice', device: 'd', count: 1, effect: { kind: 'status', status: 429 } })
    await expect(send(sender, 'd', { id: 'a' })).rejects.toMatchObject({ name: 'ThrottlingError' })
    await send(sender, 'd', { id: 'b' })
    await sender.close()
  })

  test('a back end is refused its feedback, once', async () => {
    const raw = await openRawAmqp(scene.local)
    const { hostName, connectionString: owner } = scene.local
    const key = /SharedAccessKey=(.*)$/.exec(owner)?.[1] ?? ''
    await raw.putToken(hostName, sasFor(hostName, key, { policy: 'iothubowner' }))
    await plan({ operation: 'feedback', count: 1, effect: { kind: 'status', status: 429 } })
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
    await plan({ operation: 'events', count: 1, effect: { kind: 'status', status: 503 } })
    const events = openEventHub(scene.local)
    const refused = readEvents(events, { partitionId: '0' })
    await expect.poll(() => refused.errors.length, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(await hits()).toEqual([1])
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
