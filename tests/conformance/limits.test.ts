import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Message } from 'azure-iot-device'
import type { Tier } from '../../local-hub/limits/tier.ts'
import { closeDevice, connectDevice, handleMethod, nextDesired, report } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { askHub, diagnosticsOf } from './support/diagnostics.ts'
import { eventually } from './support/eventually.ts'
import type { HubProcess } from './support/hub-process.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { errorNumberOf, invoke, refusalOf, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

let scene: LocalScene
let local: HubProcess
let service: Service
const devices: SdkDevice[] = []

async function startWith(tier?: Tier): Promise<void> {
  scene = await openLocalHub(tier ? { tier } : {})
  ;({ local, service } = scene)
}

async function connect(deviceId: string): Promise<SdkDevice> {
  const device = await connectDevice(scene.target, service, deviceId)
  devices.push(device)
  return device
}

const repeat = <T>(count: number, work: () => T): T[] => Array.from({ length: count }, work)

afterEach(async () => {
  await Promise.all(devices.splice(0).map(({ client }) => closeDevice(client)))
  await scene.close()
})

describe.skipIf(localOnly)(localTitle('a hub of tier S1', 'ownHub'), () => {
  // Half a second's worth passes at once, so that a test need not be long to be throttled.
  beforeEach(() => startWith({ name: 'S1', units: 1, burstSeconds: 0.5 }))

  test('queues queries at 20 a minute and refuses the rest with the documented 429', async () => {
    await rowsOf(service, 'SELECT * FROM devices')
    const refusal = await refusalOf(Promise.race(repeat(6, () => rowsOf(service, 'SELECT * FROM devices'))))
    expect([refusal.name, refusal.status]).toEqual(['ThrottlingError', 429])
    expect(JSON.parse(refusal.body)).toMatchObject({
      Message: expect.stringMatching(/^ErrorCode:ThrottlingException;/) as string,
    })
    await eventually(
      async () => (await diagnosticsOf(local)).throttles['query'],
      (query) => query?.delayed === 3 && query.refused === 3,
    )
  })

  test('a throttled answer says when to come back', async () => {
    const query = { method: 'POST', path: '/devices/query', body: '{"query":"SELECT * FROM devices"}' }
    expect((await askHub(local, query)).status).toBe(200)
    const { status, headers } = await Promise.race(repeat(6, () => askHub(local, query)))
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
  })

  test('direct methods pass at 40 a second, and a refusal has the nested body of methods', async () => {
    const device = await connect('pump')
    await handleMethod(device.client, 'echo', (payload) => ({ status: 200, payload }))
    const started = Date.now()
    await Promise.all(repeat(100, () => invoke(service, device.deviceId, { name: 'echo' })))
    // 20 of the burst, 80 at the rate: 2 seconds.
    expect(Date.now() - started).toBeGreaterThan(1_800)
    // A payload of 120 KB takes the turns of 30 calls; 400 turns are what waits.
    const payload = 'x'.repeat(120 * 1024)
    const calls = repeat(16, () => invoke(service, device.deviceId, { name: 'echo', payload }))
    const refusals = calls.map((call) => call.then(() => new Promise<never>(() => undefined)))
    expect(errorNumberOf(await refusalOf(Promise.race(refusals)))).toBe(429001)
  })

  test('reports of devices share the 50 twin updates a second with the back end', async () => {
    const device = await connect('pump')
    const twin = await device.client.getTwin()
    const started = Date.now()
    const reports = repeat(75, () => report(twin, { at: 1 }))
    const updates = repeat(50, () => service.registry.updateTwin('pump', { tags: { a: 1 } }, '*'))
    await Promise.all([...reports, ...updates])
    // 25 of the burst, 100 at the rate: 2 seconds.
    expect(Date.now() - started).toBeGreaterThan(1_800)
    const { throttles } = await diagnosticsOf(local)
    expect(throttles['twinUpdate']).toMatchObject({ perSecond: 50, refused: 0 })
    expect(throttles['twinUpdate']?.delayed).toBeGreaterThan(80)
  })

  test('a device that reports too much hears 429, keeps its connection, and its order', async () => {
    const device = await connect('pump')
    const twin = await device.client.getTwin()
    const calls = repeat(600, () => 0).map((_zero, index) => report(twin, { n: index }))
    const ends = await Promise.allSettled(calls)
    const accepted = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
    expect(accepted.length).toBeGreaterThan(500)
    expect(accepted.length).toBeLessThan(600)
    const refused = ends.find(({ status }) => status === 'rejected') as PromiseRejectedResult
    expect(String(refused.reason)).toContain('Throttling limit exceeded')
    const { responseBody } = await service.registry.getTwin('pump')
    expect(responseBody.properties.reported).toMatchObject({ n: accepted.at(-1) })
  })

  test('telemetry waits for its acknowledgement, 100 a second', async () => {
    const device = await connect('pump')
    const started = Date.now()
    await Promise.all(repeat(200, () => device.client.sendEvent(new Message('{}'))))
    // 50 of the burst, 150 at the rate.
    expect(Date.now() - started).toBeGreaterThan(1_400)
  })

  test('a registry of more than 100 operations a minute waits', async () => {
    const started = Date.now()
    await Promise.all(repeat(4, () => service.registry.list()))
    expect(Date.now() - started).toBeGreaterThan(1_700)
  })
})

describe.skipIf(localOnly)(localTitle('the messages that are billed', 'billing'), () => {
  test('of a reboot done well are three: the method, its answer, one report', async () => {
    await startWith()
    const device = await connect('pump')
    const twin = await device.client.getTwin()
    await handleMethod(device.client, 'reboot', () => ({ status: 202 }))
    const before = await diagnosticsOf(local)
    await invoke(service, 'pump', { name: 'reboot' })
    await report(twin, { iothubDM: { reboot: { lastReboot: new Date().toISOString() } } })
    const after = await diagnosticsOf(local)
    expect(after.messages.total - before.messages.total).toBe(3)
  })

  test('are counted per kind', async () => {
    await startWith()
    const device = await connect('pump')
    const twin = await device.client.getTwin()
    const { messages: before } = await diagnosticsOf(local)
    expect(before.byKind).toEqual({
      telemetry: 0,
      cloudToDevice: 0,
      directMethod: 0,
      twinRead: 1,
      twinUpdate: 0,
      desiredNotification: 0,
      query: 0,
    })
    const pushed = nextDesired(twin, 'rate')
    await device.client.getTwin()
    await service.registry.updateTwin('pump', { properties: { desired: { rate: 5 } } }, '*')
    await pushed
    await device.client.sendEvent(new Message('x'.repeat(9000)))
    await rowsOf(service, 'SELECT * FROM devices')
    await service.registry.getTwin('pump')
    await service.registry.list()
    await refusalOf(invoke(service, 'pump', { name: 'offline' }))
    expect((await diagnosticsOf(local)).messages.byKind).toEqual({
      telemetry: 3,
      cloudToDevice: 0,
      directMethod: 2,
      twinRead: 3,
      twinUpdate: 1,
      desiredNotification: 1,
      query: 1,
    })
  })

  test('beyond the quota of the day are refused with 403002', async () => {
    await startWith({ name: 'F1', units: 1 })
    const device = await connect('pump')
    // 510 messages of half a kilobyte each.
    const events = repeat(16, () => device.client.sendEvent(new Message('x'.repeat(255 * 1024))))
    await Promise.all(events)
    const { messages } = await diagnosticsOf(local)
    expect(messages).toMatchObject({ today: 16 * 510, quota: 8_000 })
    const refusal = await refusalOf(service.registry.getTwin('pump'))
    expect([refusal.status, refusal.body.includes('IotHubQuotaExceeded')]).toEqual([403, true])
    expect((await service.registry.get('pump')).responseBody.deviceId).toBe('pump')
  })

  test('can be seen with ServiceConnect only', async () => {
    await startWith()
    const readOnly = { ...local, connectionString: local.connectionStrings.registryRead }
    await expect(diagnosticsOf(readOnly)).rejects.toThrow(/403/)
  })
})
