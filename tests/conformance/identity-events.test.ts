import type { ReceivedEventData } from '@azure/event-hubs'
import { Message } from 'azure-iot-device'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  closeDevice,
  connectDevice,
  moduleConnectionString,
  openDevice,
  openModule,
  report,
} from './support/device.ts'
import { deviceOf, readRun, sourceOf } from './support/event-hub.ts'
import type { EventReader } from './support/event-hub.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { replaceTwin, setStatus } from './support/service.ts'

/**
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-non-telemetry-event-schema. A real hub tells of these only where
 * routes of its send them to `events`.
 */
let scene: Scene
let reader: EventReader
let count = 0
let deviceId: string

beforeAll(async () => {
  scene = await openScene()
  reader = await readRun(scene.target)
})

beforeEach(() => {
  count += 1
  deviceId = scene.deviceId(`d${count}`)
})

afterAll(async () => {
  await reader.close()
  await scene.close()
})

const moduleOf = (event: ReceivedEventData) =>
  event.systemProperties?.['iothub-connection-module-id'] as string | undefined
const operationOf = ({ properties }: ReceivedEventData) => properties?.['opType'] as string | undefined

/** All that there are of one source until now, of the device or of its module. */
async function eventsOf(source: string, moduleId?: string): Promise<readonly ReceivedEventData[]> {
  const isOurs = (event: ReceivedEventData) =>
    deviceOf(event) === deviceId && sourceOf(event) === source && moduleOf(event) === moduleId
  await markEnd()
  return reader.events.filter(isOurs)
}

/** All events of a device are in one partition: what was before the mark has come when the mark has. */
async function markEnd(): Promise<void> {
  const { responseBody } = await scene.service.registry.get(deviceId)
  const key = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
  const from = `HostName=${scene.service.hostName};DeviceId=${deviceId};SharedAccessKey=${key}`
  const client = await openDevice(scene.target, from + scene.target.gateway)
  const mark = `${deviceId}-${Math.random()}`
  await client.sendEvent(new Message(JSON.stringify({ mark })))
  await reader.arrival(({ body }) => (body as { mark?: string } | null)?.mark === mark)
  await closeDevice(client)
}

async function addModule(): Promise<void> {
  await scene.service.registry.create({ deviceId })
  await scene.service.registry.addModule({ deviceId, moduleId: 'camera' })
}

function expectCommonProperties(event: ReceivedEventData | undefined, moduleId?: string): void {
  const hubName = scene.service.hostName.split('.')[0] ?? ''
  expect(event).toMatchObject({
    contentType: 'application/json',
    correlationId: expect.stringMatching(/./) as string,
    systemProperties: { contentEncoding: 'utf-8' },
    properties: { hubName, deviceId, ...(moduleId !== undefined && { moduleId }) },
  })
  // The SDK spreads the bytes of it into an object.
  const userId = Object.values((event?.systemProperties?.['userId'] ?? {}) as Record<string, number>)
  expect(Buffer.from(userId).toString()).toContain(hubName)
  const at = Date.parse(String(event?.properties?.['operationTimestamp']))
  expect(Math.abs(Date.now() - at)).toBeLessThan(600_000)
}

describe('twinChangeEvents', () => {
  const changes = (moduleId?: string) => eventsOf('twinChangeEvents', moduleId)

  test('of a patch hold what was patched, what was removed too, and the metadata of just that', async () => {
    const { registry } = scene.service
    await registry.create({ deviceId })
    const desired = { rate: { low: 1, high: 2 }, mode: 'eco' }
    await registry.updateTwin(deviceId, { tags: { site: 'A', floor: 1 }, properties: { desired } }, '*')
    await registry.updateTwin(deviceId, { tags: { floor: null } }, '*')
    await registry.updateTwin(deviceId, { properties: { desired: { rate: { high: 3 }, mode: null } } }, '*')
    const events = await changes()
    expect(events.map(operationOf)).toEqual(['updateTwin', 'updateTwin', 'updateTwin'])
    for (const event of events) {
      expectCommonProperties(event)
      expect(event.properties).toMatchObject({ 'iothub-message-schema': 'twinChangeNotification' })
    }
    const [both, tags, patch] = events.map(({ body }) => body as Record<string, unknown>)
    expect(both).toMatchObject({ tags: { site: 'A', floor: 1 }, properties: { desired } })
    expect(tags).toEqual({ version: 4, tags: { floor: null } })
    expect(patch).toMatchObject({
      version: 5,
      properties: {
        desired: {
          rate: { high: 3 },
          mode: null,
          $version: 3,
          $metadata: { $lastUpdatedVersion: 3, rate: { high: { $lastUpdatedVersion: 3 } } },
        },
      },
    })
    expect(JSON.stringify(patch)).not.toContain('low')
  })

  test('of what a device reports hold that alone', async () => {
    const device = await connectDevice(scene.target, scene.service, deviceId)
    const twin = await device.client.getTwin()
    await report(twin, { fw: { version: '1', channel: 'beta' } })
    await report(twin, { fw: { version: '2', channel: null } })
    await device.close()
    const events = await changes()
    expect(events.map(({ body }) => body as unknown)).toMatchObject([
      { version: 3, properties: { reported: { fw: { version: '1', channel: 'beta' }, $version: 2 } } },
      { version: 4, properties: { reported: { fw: { version: '2', channel: null }, $version: 3 } } },
    ])
    for (const { body } of events) {
      expect(Object.keys(body as object).sort()).toEqual(['properties', 'version'])
      expect(Object.keys((body as { properties: object }).properties)).toEqual(['reported'])
    }
  })

  test('of a replacement hold the whole twin, also what the device had reported', async () => {
    const device = await connectDevice(scene.target, scene.service, deviceId)
    await report(await device.client.getTwin(), { fw: 1 })
    await device.close()
    const { registry } = scene.service
    await registry.updateTwin(deviceId, { tags: { site: 'A' }, properties: { desired: { old: 1 } } }, '*')
    await replaceTwin(scene.service, deviceId, {
      tags: { site: 'B' },
      properties: { desired: { mode: 'eco' } },
    })
    const { responseBody: twin } = await registry.getTwin(deviceId)
    const replacement = (await changes()).at(-1)
    expectCommonProperties(replacement)
    expect(operationOf(replacement as ReceivedEventData)).toBe('replaceTwin')
    expect(replacement?.body).toMatchObject({
      deviceId,
      etag: twin.etag,
      version: (twin as { version?: number }).version,
      tags: { site: 'B' },
      properties: {
        desired: { mode: 'eco', $metadata: { mode: { $lastUpdatedVersion: 3 } }, $version: 3 },
        reported: { fw: 1, $metadata: { fw: {} }, $version: 2 },
      },
    })
    expect(JSON.stringify(replacement?.body)).not.toContain('old')
  })

  test('of a module are its own, for a patch, a report and a replacement', async () => {
    await addModule()
    const { registry } = scene.service
    await registry.updateModuleTwin(deviceId, 'camera', { properties: { desired: { lens: 'wide' } } }, '*')
    const from = await moduleConnectionString(scene.target, scene.service, { deviceId, moduleId: 'camera' })
    const module = await openModule(scene.target, from)
    await report(await module.getTwin(), { lens: 'narrow' })
    await module.close()
    await replaceTwin(scene.service, `${deviceId}/modules/camera`, { tags: { kind: 'eye' } })
    const events = await changes('camera')
    expect(events.map(operationOf)).toEqual(['updateTwin', 'updateTwin', 'replaceTwin'])
    for (const event of events) expectCommonProperties(event, 'camera')
    expect(events.map(({ body }) => body as unknown)).toMatchObject([
      { properties: { desired: { lens: 'wide' } } },
      { properties: { reported: { lens: 'narrow' } } },
      { deviceId, moduleId: 'camera', tags: { kind: 'eye' }, properties: { reported: { lens: 'narrow' } } },
    ])
    expect(await changes()).toEqual([])
  })

  test('are none for a change that was refused', async () => {
    const { registry } = scene.service
    await registry.create({ deviceId })
    await expect(registry.updateTwin(deviceId, { tags: { a: 1 } }, '"AAAAAAAAAAk="')).rejects.toThrow()
    await expect(registry.updateTwin(deviceId, { tags: { 'a.b': 1 } }, '*')).rejects.toThrow()
    expect(await changes()).toEqual([])
  })
})

describe('deviceLifecycleEvents', () => {
  test('of a device tell that it was created and deleted, and nothing of what is between', async () => {
    const { registry } = scene.service
    await registry.create({ deviceId })
    await setStatus(scene.service, deviceId, 'disabled')
    await setStatus(scene.service, deviceId, 'enabled')
    const before = await eventsOf('deviceLifecycleEvents')
    expect(before.map(operationOf)).toEqual(['createDeviceIdentity'])
    await registry.delete(deviceId)
    await registry.create({ deviceId })
    const events = await eventsOf('deviceLifecycleEvents')
    const operations = ['createDeviceIdentity', 'deleteDeviceIdentity', 'createDeviceIdentity']
    expect(events.map(operationOf)).toEqual(operations)
    for (const event of events) {
      expectCommonProperties(event)
      expect(event.properties).toMatchObject({ 'iothub-message-schema': 'deviceLifecycleNotification' })
      expect(event.body).toMatchObject({
        deviceId,
        etag: 'AAAAAAAAAAE=',
        version: 2,
        properties: { desired: { $metadata: {}, $version: 1 }, reported: { $metadata: {}, $version: 1 } },
      })
    }
  })

  test('of a module tell the same, also when it goes with its device', async () => {
    await addModule()
    const { registry } = scene.service
    await registry.removeModule(deviceId, 'camera')
    await registry.addModule({ deviceId, moduleId: 'camera' })
    await registry.delete(deviceId)
    await registry.create({ deviceId })
    const events = await eventsOf('deviceLifecycleEvents', 'camera')
    const [created, deleted] = ['createModuleIdentity', 'deleteModuleIdentity']
    expect(events.map(operationOf)).toEqual([created, deleted, created, deleted])
    for (const event of events) {
      expectCommonProperties(event, 'camera')
      expect(event.properties).toMatchObject({ 'iothub-message-schema': 'moduleLifecycleNotification' })
      expect(event.body).toMatchObject({ deviceId, moduleId: 'camera', etag: 'AAAAAAAAAAE=', version: 2 })
    }
  })

  test('of a bulk are one for each device, with the twin that it was created with', async () => {
    await scene.service.registry.addDevices([{ deviceId, tags: { site: 'A' } }])
    expect(await eventsOf('deviceLifecycleEvents')).toMatchObject([{ body: { tags: { site: 'A' } } }])
  })
})

describe('deviceConnectionStateEvents', () => {
  const numberOf = ({ body }: ReceivedEventData) => (body as { sequenceNumber: string }).sequenceNumber

  test('have numbers that grow as texts, with each connection, and when the device is deleted meanwhile', async () => {
    const device = await connectDevice(scene.target, scene.service, deviceId)
    await device.client.sendEvent(new Message('{}'))
    await device.close()
    const again = await openDevice(scene.target, device.connectionString)
    again.on('error', () => undefined)
    await again.sendEvent(new Message('{}'))
    await scene.service.registry.delete(deviceId)
    await reader.arrival(
      (event) => deviceOf(event) === deviceId && operationOf(event) === 'deleteDeviceIdentity',
    )
    await scene.service.registry.create({ deviceId })
    const events = (await eventsOf('deviceConnectionStateEvents')).slice(0, 4)
    const [on, off] = ['deviceConnected', 'deviceDisconnected']
    expect(events.map(operationOf)).toEqual([on, off, on, off])
    const numbers = events.map(numberOf)
    expect(numbers).toEqual([...new Set(numbers)].sort())
    for (const event of events) {
      expectCommonProperties(event)
      expect(event.properties).toMatchObject({ 'iothub-message-schema': 'deviceConnectionStateNotification' })
      expect(numberOf(event)).toMatch(/^[0-9A-F]{64}$/)
    }
    await closeDevice(again)
  })

  test('of a module are its own', async () => {
    await addModule()
    const from = await moduleConnectionString(scene.target, scene.service, { deviceId, moduleId: 'camera' })
    const module = await openModule(scene.target, from)
    await module.close()
    const events = await eventsOf('deviceConnectionStateEvents', 'camera')
    expect(events.map(operationOf)).toEqual(['moduleConnected', 'moduleDisconnected'])
    for (const event of events) expectCommonProperties(event)
    const [first = '', second = ''] = events.map(numberOf)
    expect(second > first).toBe(true)
  })
})
