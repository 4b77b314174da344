import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Module } from 'azure-iothub'
import { eventually } from './support/eventually.ts'
import { openService, refusalOf, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let deviceId: string

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  deviceId = `${target.prefix}owner`
})

afterAll(async () => {
  await service.registry.delete(deviceId).catch(() => undefined)
  await target.close()
})

beforeEach(async () => {
  await service.registry.delete(deviceId).catch(() => undefined)
  await service.registry.create({ deviceId })
  await service.registry.addModule({ deviceId, moduleId: 'm' })
})

async function moduleIds(): Promise<readonly string[]> {
  const { responseBody } = await service.registry.getModulesOnDevice(deviceId)
  return responseBody.map(({ moduleId }) => moduleId)
}

test('addModule answers an identity with keys', async () => {
  const { responseBody: module } = await service.registry.getModule(deviceId, 'm')
  expect(module).toMatchObject({ deviceId, moduleId: 'm', connectionState: 'Disconnected' })
  expect(module.authentication?.symmetricKey?.primaryKey).toMatch(/^[\w+/]+=*$/)
  expect(module).not.toHaveProperty('status')
})

test('getModulesOnDevice lists them', async () => {
  await service.registry.addModule({ deviceId, moduleId: 'second' })
  expect((await moduleIds()).toSorted()).toEqual(['m', 'second'])
})

test('updateModule keeps the keys that it is given, and minds the etag', async () => {
  const { responseBody: module } = await service.registry.getModule(deviceId, 'm')
  await service.registry.updateModule({ ...module, managedBy: 'someone' })
  const { responseBody: updated } = await service.registry.getModule(deviceId, 'm')
  expect(updated.managedBy).toBe('someone')
  expect(updated.authentication).toEqual(module.authentication)
  expect(await refusalOf(service.registry.updateModule(module))).toMatchObject({ status: 412 })
  await service.registry.updateModule(module, true)
})

test('removeModule removes it, by ids or with its etag', async () => {
  await service.registry.removeModule(deviceId, 'm')
  expect(await moduleIds()).toEqual([])
  await service.registry.addModule({ deviceId, moduleId: 'm' })
  const { responseBody: module } = await service.registry.getModule(deviceId, 'm')
  expect(await refusalOf(removeByEtag({ ...module, etag: 'old' }))).toMatchObject({ status: 412 })
  await removeByEtag(module)
  expect(await moduleIds()).toEqual([])
})

/** With a whole module the SDK takes a callback only: its promise form loses its way in its own arguments. */
function removeByEtag(module: Module): Promise<void> {
  return new Promise((resolve, reject) => {
    service.registry.removeModule(module, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

test('a module that is not there, or is there already, is refused by its own error', async () => {
  const missing = await refusalOf(service.registry.getModule(deviceId, 'x'))
  expect(missing).toMatchObject({ status: 404 })
  expect(missing.body).toContain('ModuleNotFound')
  const twice = await refusalOf(service.registry.addModule({ deviceId, moduleId: 'm' }))
  expect(twice).toMatchObject({ status: 409 })
  expect(twice.body).toContain('ModuleAlreadyExistsOnDevice')
  expect(await refusalOf(service.registry.getModulesOnDevice('nobody'))).toMatchObject({
    name: 'DeviceNotFoundError',
  })
})

test('a module twin is changed apart from the twin of the device', async () => {
  await service.registry.updateTwin(deviceId, { tags: { of: 'device' } }, '*')
  const { responseBody: twin } = await service.registry.getModuleTwin(deviceId, 'm')
  expect(twin).toMatchObject({ deviceId, moduleId: 'm' })
  const change = { tags: { of: 'module' }, properties: { desired: { rate: 7 } } }
  await service.registry.updateModuleTwin(deviceId, 'm', change, twin.etag)
  const { responseBody: changed } = await service.registry.getModuleTwin(deviceId, 'm')
  expect(changed.tags).toMatchObject({ of: 'module' })
  expect(changed.properties.desired).toMatchObject({ rate: 7, $version: 2 })
  expect(await refusalOf(service.registry.updateModuleTwin(deviceId, 'm', change, twin.etag))).toMatchObject({
    status: 412,
  })
  expect((await service.registry.getTwin(deviceId)).responseBody.tags).toMatchObject({ of: 'device' })
})

test('FROM devices.modules finds module twins, and FROM devices does not', async () => {
  await service.registry.updateModuleTwin(deviceId, 'm', { tags: { kind: target.prefix } }, '*')
  const where = `WHERE deviceId = '${deviceId}' AND moduleId = 'm' AND tags.kind = '${target.prefix}'`
  const rows = await eventually(
    () => rowsOf(service, `SELECT * FROM devices.modules ${where}`),
    ({ length }) => length === 1,
  )
  expect(rows[0]).toMatchObject({ deviceId, moduleId: 'm', tags: { kind: target.prefix } })
  expect(await rowsOf(service, `SELECT * FROM devices WHERE tags.kind = '${target.prefix}'`)).toEqual([])
})

test('the modules of a device go with it', async () => {
  await service.registry.delete(deviceId)
  await service.registry.create({ deviceId })
  expect(await moduleIds()).toEqual([])
})
