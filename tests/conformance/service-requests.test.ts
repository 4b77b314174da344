import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { IPublishPacket } from 'mqtt-packet'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import { connectDevice, deviceConnectionString } from './support/device.ts'
import { askHub } from './support/diagnostics.ts'
import type { RawAnswer } from './support/diagnostics.ts'
import { rawTarget } from './support/raw-mqtt.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localOnly, localTitle } from './support/target.ts'

/** Requests of other SDKs and of people's own scripts. https://learn.microsoft.com/rest/api/iothub/service */
describe('what the service SDK for Node has no call for', () => {
  let scene: Scene
  let deviceId: string
  let count = 0

  beforeAll(async () => {
    scene = await openScene()
  })

  afterAll(() => scene.close())

  beforeEach(async () => {
    count += 1
    deviceId = scene.deviceId(`d${count}`)
    await scene.service.registry.create({ deviceId })
  })

  const ask = (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
    askHub(scene.target.address, { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const read = async (path: string) => JSON.parse((await ask('GET', path)).body) as Answer
  const twinOf = (id = deviceId) => read(`/twins/${id}`)

  test('PUT of a twin leaves nothing of what was there', async () => {
    await ask('PATCH', `/twins/${deviceId}`, { tags: { old: 1 }, properties: { desired: { old: { a: 1 } } } })
    const put = await ask('PUT', `/twins/${deviceId}`, { tags: { a: 1 }, properties: { desired: { b: 1 } } })
    expect(put.status).toBe(200)
    const { tags, properties } = await twinOf()
    expect(tags).toEqual({ a: 1 })
    expect(properties?.desired).toMatchObject({
      b: 1,
      $version: 3,
      $metadata: { b: {}, $lastUpdatedVersion: 3 },
    })
    expect(properties?.desired).not.toHaveProperty('old')
    expect(properties?.desired).not.toHaveProperty('$metadata.old')
  })

  test('PUT of a twin that was read changes nothing but versions', async () => {
    await ask('PATCH', `/twins/${deviceId}`, { tags: { a: [1] }, properties: { desired: { b: { c: 1 } } } })
    const before = await twinOf()
    expect((await ask('PUT', `/twins/${deviceId}`, before)).status).toBe(200)
    const after = await twinOf()
    expect(after.tags).toEqual(before.tags)
    expect(after.properties?.desired).toMatchObject({ b: { c: 1 }, $version: 3 })
  })

  test('PUT of a twin has no null, and the refusal names the property', async () => {
    const { status, body } = await ask('PUT', `/twins/${deviceId}`, { tags: { 'my-tag': null } })
    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({
      Message:
        'ErrorCode:ArgumentInvalid;Value of Property or Tag cannot be null. Error in Property/Tag my-tag',
    })
  })

  test('a device hears of a PUT as of a patch: what went away is null', async () => {
    // https://github.com/Azure/azure-iot-sdk-csharp/issues/954
    await ask('PATCH', `/twins/${deviceId}`, { properties: { desired: { a: 1, b: 2 } } })
    const { responseBody: registered } = await scene.service.registry.get(deviceId)
    const connectionString = deviceConnectionString(scene.target, scene.service.hostName, registered)
    const raw = rawTarget(scene.target.address, connectionString)
    const device = await openRawDevice(raw)
    device.send(connectPacket(raw, deviceId))
    await device.next()
    await ask('PUT', `/twins/${deviceId}`, { properties: { desired: { a: 1, c: 100 } } })
    const notification = (await device.next()) as IPublishPacket
    expect(notification.topic).toBe('$iothub/twin/PATCH/properties/desired/?$version=3')
    expect(JSON.parse(String(notification.payload))).toEqual({ a: 1, b: null, c: 100, $version: 3 })
    device.socket.destroy()
  })

  const listed = 'GET /devices?top lists so many, in order of creation, and not more than a thousand'
  test.skipIf(localOnly)(localTitle(listed, 'others'), async () => {
    const all = JSON.parse((await ask('GET', '/devices')).body) as readonly Answer[]
    const some = await ask('GET', '/devices?top=1')
    expect(some.status).toBe(200)
    expect(JSON.parse(some.body)).toEqual(all.slice(0, 1))
    for (const top of ['0', '1001', 'many', '-1'])
      expect((await ask('GET', `/devices?top=${top}`)).status, top).toBe(400)
  })

  const counts = 'GET /statistics/service counts the devices that are connected'
  test.skipIf(localOnly)(localTitle(counts, 'others'), async () => {
    const counted = async () => (await read('/statistics/service')).connectedDeviceCount
    await expect.poll(counted).toBe(0)
    const device = await connectDevice(scene.target, scene.service, `${deviceId}-connected`)
    expect(await counted()).toBe(1)
    await device.close()
    await expect.poll(counted).toBe(0)
  })

  test('a bulk creates devices with their twins, and changes twins', async () => {
    const id = scene.deviceId(`d${count}-bulk`)
    const created = await ask('POST', '/devices', [
      { id, importMode: 'create', tags: { site: 'A' }, properties: { desired: { rate: 1 } } },
      { id, moduleId: 'm', importMode: 'create', tags: { of: 'module' } },
    ])
    expect(JSON.parse(created.body)).toEqual({ isSuccessful: true, errors: [], warnings: [] })
    expect(await twinOf(id)).toMatchObject({ tags: { site: 'A' }, properties: { desired: { rate: 1 } } })
    const { etag: twinETag } = await twinOf(id)
    const change = { id, importMode: 'updateTwinIfMatchETag', twinETag, tags: { floor: 2 } }
    expect((await ask('POST', '/devices', [change])).status).toBe(200)
    const again = await ask('POST', '/devices', [change])
    expect([again.status, JSON.parse(again.body)]).toMatchObject([
      400,
      { isSuccessful: false, errors: [{ deviceId: id, errorCode: 412001 }] },
    ])
    expect((await twinOf(id)).tags).toEqual({ site: 'A', floor: 2 })
    expect((await twinOf(`${id}/modules/m`)).tags).toEqual({ of: 'module' })
  })

  test.skipIf(localOnly).each([
    ['a parent', { deviceScope: 'ms-azure-iot-edge://edge-1' }],
    ['parents', { parentScopes: ['ms-azure-iot-edge://edge-1'] }],
    ['the capability', { capabilities: { iotEdge: true } }],
  ])(localTitle('a device with %s of IoT Edge is refused by name', 'ownChoice'), async (_what, part) => {
    const { status, body } = await ask('PUT', '/devices/edge', { deviceId: 'edge', ...part })
    expect(status).toBe(501)
    expect(body).toContain('IoT Edge')
  })
})

interface Answer {
  readonly connectedDeviceCount?: number
  readonly etag?: string
  readonly tags?: unknown
  readonly properties?: { readonly desired: Readonly<Record<string, unknown>> }
}
