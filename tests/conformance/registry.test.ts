import { afterAll, beforeAll, expect, test } from 'vitest'
import { openService, refusalOf, setStatus } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

const id = (name: string) => target.prefix + name

test('Registry.create makes keys when none are given', async () => {
  const { responseBody: device } = await service.registry.create({ deviceId: id('create') })
  expect(device.deviceId).toBe(id('create'))
  expect(device.status).toBe('enabled')
  expect(device.authentication?.symmetricKey?.primaryKey).toMatch(/^[A-Za-z0-9+/]{43}=$/)
  await service.registry.delete(id('create'))
})

test('Registry.create keeps the keys that are given', async () => {
  const symmetricKey = {
    primaryKey: Buffer.alloc(32, 1).toString('base64'),
    secondaryKey: Buffer.alloc(32, 2).toString('base64'),
  }
  const { responseBody } = await service.registry.create({
    deviceId: id('keys'),
    authentication: { symmetricKey },
  })
  expect(responseBody.authentication?.symmetricKey).toEqual(symmetricKey)
  await service.registry.delete(id('keys'))
})

test('Registry.create of a known id is refused as 409 DeviceAlreadyExists', async () => {
  await service.registry.create({ deviceId: id('twice') })
  const refusal = await refusalOf(service.registry.create({ deviceId: id('twice') }))
  expect(refusal).toMatchObject({ name: 'DeviceAlreadyExistsError', status: 409 })
  await service.registry.delete(id('twice'))
})

test.each(['with space', 'slash/inside', 'quote"double', '<script>', 'x'.repeat(129)])(
  'Registry.create refuses the device id %j',
  async (deviceId) => {
    const refusal = await refusalOf(service.registry.create({ deviceId }))
    expect(refusal).toMatchObject({ name: 'ArgumentError', status: 400 })
  },
)

test.each(["it's", '%2f', '%', '..', '$a.b', 'a?b', 'a:b', "-.%_*?!(),:=@$'", 'constructor', '__proto__'])(
  'a device with the id %j is created, read, listed in its twin and deleted',
  async (name) => {
    const deviceId = name.length > 2 && name !== '..' ? id(name) : name
    await service.registry.create({ deviceId })
    const { responseBody: device } = await service.registry.get(deviceId)
    const { responseBody: twin } = await service.registry.getTwin(deviceId)
    expect([device.deviceId, twin.deviceId]).toEqual([deviceId, deviceId])
    await service.registry.delete(deviceId)
    expect(await refusalOf(service.registry.get(deviceId))).toMatchObject({ status: 404 })
  },
)

test('Registry.get of an unknown device is refused as DeviceNotFoundError', async () => {
  expect(await refusalOf(service.registry.get(id('nobody')))).toMatchObject({
    name: 'DeviceNotFoundError',
    status: 404,
  })
})

test('Registry.list shows the devices', async () => {
  await service.registry.create({ deviceId: id('listed') })
  const { responseBody: devices } = await service.registry.list()
  expect(devices.map(({ deviceId }) => deviceId)).toContain(id('listed'))
  await service.registry.delete(id('listed'))
})

test('Registry.update disables a device and keeps the keys that are sent back', async () => {
  const { responseBody: device } = await service.registry.create({ deviceId: id('update') })
  const updated = await setStatus(service, id('update'), 'disabled')
  expect(updated).toMatchObject({ status: 'disabled', authentication: device.authentication })
  expect(updated.etag).not.toBe(device.etag)
  await service.registry.delete(id('update'))
})

test('Registry.update without keys makes new ones, so that nobody relies on the opposite', async () => {
  const { responseBody: device } = await service.registry.create({ deviceId: id('rekeyed') })
  const { responseBody: updated } = await service.registry.update({
    deviceId: id('rekeyed'),
    status: 'enabled',
  })
  expect(updated.authentication?.symmetricKey).not.toEqual(device.authentication?.symmetricKey)
  await service.registry.delete(id('rekeyed'))
})

test('Registry.update of an unknown device is refused', async () => {
  expect(await refusalOf(service.registry.update({ deviceId: id('nobody') }))).toMatchObject({ status: 404 })
})

test('Registry.addDevices, updateDevices and removeDevices change many devices at once', async () => {
  const devices = Array.from({ length: 100 }, (_, index) => ({ deviceId: id(`bulk-${index}`) }))
  const { responseBody: added } = await service.registry.addDevices(devices)
  expect(added.isSuccessful).toBe(true)
  const disabled = devices.map(({ deviceId }) => ({ deviceId, status: 'disabled' as const }))
  expect((await service.registry.updateDevices(disabled, true)).responseBody.isSuccessful).toBe(true)
  expect((await service.registry.get(id('bulk-99'))).responseBody.status).toBe('disabled')
  expect((await service.registry.removeDevices(devices, true)).responseBody.isSuccessful).toBe(true)
  expect(await refusalOf(service.registry.get(id('bulk-0')))).toMatchObject({ status: 404 })
})

test('Registry.addDevices names the device that could not be added and adds the others', async () => {
  await service.registry.create({ deviceId: id('known') })
  const refusal = await refusalOf(
    service.registry.addDevices([{ deviceId: id('known') }, { deviceId: id('new') }]),
  )
  const body = JSON.parse(refusal.body) as {
    isSuccessful: boolean
    errors: readonly { deviceId: string; errorCode: number }[]
  }
  expect(refusal.status).toBe(400)
  expect(body.errors).toMatchObject([{ deviceId: id('known'), errorCode: 409001 }])
  await service.registry.removeDevices([{ deviceId: id('known') }, { deviceId: id('new') }], true)
})

test('Registry.removeDevices with a stale etag removes nothing', async () => {
  await service.registry.create({ deviceId: id('etag') })
  const stale = { deviceId: id('etag'), etag: Buffer.from('stale').toString('base64') }
  expect(await refusalOf(service.registry.removeDevices([stale], false))).toMatchObject({ status: 400 })
  const { responseBody: device } = await service.registry.get(id('etag'))
  const { responseBody: removed } = await service.registry.removeDevices([device], false)
  expect(removed.isSuccessful).toBe(true)
})

test('Registry.getRegistryStatistics counts enabled and disabled devices', async () => {
  await service.registry.create({ deviceId: id('counted'), status: 'disabled' })
  const { responseBody: counts } = await service.registry.getRegistryStatistics()
  expect(counts.totalDeviceCount).toBe(counts.enabledDeviceCount + counts.disabledDeviceCount)
  expect(counts.disabledDeviceCount).toBeGreaterThan(0)
  await service.registry.delete(id('counted'))
})
