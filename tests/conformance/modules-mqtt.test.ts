import { Message } from 'azure-iot-device'
import type { ModuleClient, Twin } from 'azure-iot-device'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  handleMethod,
  moduleConnectionString,
  nextDesired,
  openDevice,
  openModule,
  report,
} from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { errorNumberOf, openService, refusalOf, setStatus } from './support/service.ts'
import type { MethodResult, Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let deviceId: string
let module: ModuleClient

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  deviceId = `${target.prefix}with-module`
})

afterAll(() => target.close())

beforeEach(async () => {
  await service.registry.create({ deviceId })
  await service.registry.addModule({ deviceId, moduleId: 'm' })
  module = await openModule(target, await connectionString('m'))
})

afterEach(async () => {
  module.removeAllListeners()
  await module.close()
  await service.registry.delete(deviceId)
})

const connectionString = (moduleId: string) => moduleConnectionString(target, service, { deviceId, moduleId })

async function handle(name: string, payload: unknown): Promise<void> {
  module.onMethod(name, (_request, response) => {
    void response?.send(200, payload)
  })
  // The answer to a twin request comes after the hub has seen the subscription.
  await module.getTwin()
}

async function invokeModule(name: string, moduleId = 'm'): Promise<MethodResult> {
  const { result } = (await service.client.invokeDeviceMethod(deviceId, moduleId, {
    methodName: name,
    payload: { to: moduleId },
    responseTimeoutInSeconds: 5,
  })) as { result: MethodResult }
  return result
}

const stateOf = async (moduleId = 'm') =>
  String((await service.registry.getModule(deviceId, moduleId)).responseBody.connectionState)

test('a module that connects is connected, and its device is not', async () => {
  expect(await stateOf()).toBe('Connected')
  expect(String((await service.registry.get(deviceId)).responseBody.connectionState)).toBe('Disconnected')
  await module.close()
  await eventually(stateOf, (state) => state === 'Disconnected')
})

test('a module reads what is desired, is told of changes, and reports, apart from its device', async () => {
  await service.registry.updateModuleTwin(deviceId, 'm', { properties: { desired: { rate: 5 } } }, '*')
  const twin: Twin = await module.getTwin()
  expect(twin.properties.desired).toMatchObject({ rate: 5, $version: 2 })
  const pushed = nextDesired(twin, 'mode')
  await module.getTwin()
  await service.registry.updateModuleTwin(deviceId, 'm', { properties: { desired: { mode: 'fast' } } }, '*')
  expect(await pushed).toBe('fast')
  await report(twin, { by: 'module' })
  const { responseBody: ofModule } = await service.registry.getModuleTwin(deviceId, 'm')
  expect(ofModule.properties.reported).toMatchObject({ by: 'module' })
  const { responseBody: ofDevice } = await service.registry.getTwin(deviceId)
  expect(ofDevice.properties).toMatchObject({ reported: { $version: 1 }, desired: { $version: 1 } })
})

test('a module answers direct methods, and its device others of the same name', async () => {
  await handle('who', 'module')
  const { responseBody } = await service.registry.get(deviceId)
  const key = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
  const device = await openDevice(
    target,
    `HostName=${service.hostName};DeviceId=${deviceId};SharedAccessKey=${key}${target.gateway}`,
  )
  await handleMethod(device, 'who', () => ({ status: 200, payload: 'device' }))
  expect(await invokeModule('who')).toEqual({ status: 200, payload: 'module' })
  const { result } = (await service.client.invokeDeviceMethod(deviceId, { methodName: 'who' })) as {
    result: MethodResult
  }
  expect(result).toEqual({ status: 200, payload: 'device' })
  device.removeAllListeners()
  await device.close()
})

test('a direct method to a module that is not there, not online, or silent is refused with the number of its own', async () => {
  await service.registry.addModule({ deviceId, moduleId: 'asleep' })
  module.onMethod('silent', () => undefined)
  await module.getTwin()
  const refusals = await Promise.all([
    refusalOf(invokeModule('any', 'nothing')),
    refusalOf(invokeModule('any', 'asleep')),
    refusalOf(invokeModule('silent')),
  ])
  expect(refusals.map(({ status }) => status)).toEqual([404, 404, 504])
  expect(refusals.map(errorNumberOf)).toEqual([404010, 404103, 504101])
})

test('telemetry of a module is acknowledged and is activity of the module', async () => {
  await module.sendEvent(new Message('{"from":"module"}'))
  const { responseBody } = await service.registry.getModule(deviceId, 'm')
  expect(Date.parse(responseBody.lastActivityTime ?? '')).toBeGreaterThan(Date.parse('2020-01-01'))
})

test('the key of another module, or of the device, does not let a module in', async () => {
  await service.registry.addModule({ deviceId, moduleId: 'other' })
  const { responseBody } = await service.registry.get(deviceId)
  const connection = await connectionString('m')
  const ofDevice = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
  const [, ofOther = ''] = /SharedAccessKey=([^;]*)/.exec(await connectionString('other')) ?? []
  for (const key of [ofDevice, ofOther]) {
    const wrong = connection.replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${key}`)
    await expect(openModule(target, wrong)).rejects.toThrow(/Not authorized/)
  }
})

test('the modules of a device that is disabled are disconnected and refused', async () => {
  await setStatus(service, deviceId, 'disabled')
  await eventually(stateOf, (state) => state === 'Disconnected')
  const connection = await connectionString('m')
  await expect(openModule(target, connection)).rejects.toThrow(/Not authorized/)
  await setStatus(service, deviceId, 'enabled')
  await (await openModule(target, connection)).close()
})

test('a module that is removed is disconnected', async () => {
  const connection = await connectionString('m')
  await service.registry.removeModule(deviceId, 'm')
  await expect(openModule(target, connection)).rejects.toThrow(/Not authorized/)
})
