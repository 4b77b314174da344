import { randomUUID } from 'node:crypto'
import { Message } from 'azure-iot-device'
import type { Module } from 'azure-iothub'
import { report } from './device.ts'
import type { SdkDevice } from './device.ts'
import { invoke, rowsOf } from './service.ts'
import type { Service } from './service.ts'

export interface Scene {
  readonly service: Service
  /** A connected device that answers the method `echo`. */
  readonly device: SdkDevice
  /** An id that nobody has. */
  readonly freshId: string
}

export type Operation = (scene: Scene) => Promise<unknown>

const noDevice = "deviceId = 'nobody'"
const freshJobId = () => `conformance-${randomUUID()}`
const inAnHour = () => new Date(Date.now() + 3_600_000)

/** What the SDKs can ask of a hub and this hub does: one call each; details are in the files of each subject. */
export const implemented: Readonly<Record<string, Operation>> = {
  'Registry.create': ({ service, freshId }) => service.registry.create({ deviceId: freshId }),
  'Registry.get': ({ service, device }) => service.registry.get(device.deviceId),
  'Registry.list': ({ service }) => service.registry.list(),
  'Registry.update': async ({ service, device }) => {
    const { responseBody } = await service.registry.get(device.deviceId)
    await service.registry.update(responseBody)
  },
  'Registry.delete': async ({ service, freshId }) => {
    await service.registry.create({ deviceId: freshId })
    await service.registry.delete(freshId)
  },
  'Registry.addDevices': ({ service, freshId }) => service.registry.addDevices([{ deviceId: freshId }]),
  'Registry.updateDevices': async ({ service, freshId }) => {
    await service.registry.create({ deviceId: freshId })
    await service.registry.updateDevices([{ deviceId: freshId, status: 'disabled' }], true)
  },
  'Registry.removeDevices': async ({ service, freshId }) => {
    await service.registry.create({ deviceId: freshId })
    await service.registry.removeDevices([{ deviceId: freshId }], true)
  },
  'Registry.getRegistryStatistics': ({ service }) => service.registry.getRegistryStatistics(),
  'Registry.getTwin': ({ service, device }) => service.registry.getTwin(device.deviceId),
  'Registry.updateTwin': ({ service, device }) =>
    service.registry.updateTwin(device.deviceId, { tags: { a: 1 } }, '*'),
  'Registry.createQuery': ({ service }) => rowsOf(service, 'SELECT * FROM devices', 10),
  'Registry.addModule': ({ service, device }) => service.registry.addModule(moduleOf(device)),
  'Registry.getModule': async (scene) => {
    const { deviceId, moduleId } = await addModule(scene)
    await scene.service.registry.getModule(deviceId, moduleId)
  },
  'Registry.getModulesOnDevice': ({ service, device }) =>
    service.registry.getModulesOnDevice(device.deviceId),
  'Registry.updateModule': async (scene) => {
    await scene.service.registry.updateModule(await addModule(scene), true)
  },
  'Registry.removeModule': async (scene) => {
    const { deviceId, moduleId } = await addModule(scene)
    await scene.service.registry.removeModule(deviceId, moduleId)
  },
  'Registry.getModuleTwin': async (scene) => {
    const { deviceId, moduleId } = await addModule(scene)
    await scene.service.registry.getModuleTwin(deviceId, moduleId)
  },
  'Registry.updateModuleTwin': async (scene) => {
    const { deviceId, moduleId } = await addModule(scene)
    await scene.service.registry.updateModuleTwin(deviceId, moduleId, { tags: { a: 1 } }, '*')
  },
  'Client.invokeDeviceMethod': ({ service, device }) =>
    invoke(service, device.deviceId, { name: 'echo', payload: 1 }),
  'JobClient.scheduleDeviceMethod': ({ service }) =>
    service.jobs.scheduleDeviceMethod(freshJobId(), noDevice, { methodName: 'm' }, new Date(), 60),
  'JobClient.scheduleTwinUpdate': ({ service }) =>
    service.jobs.scheduleTwinUpdate(freshJobId(), noDevice, {}, new Date(), 60),
  'JobClient.getJob': async ({ service }) => {
    const jobId = freshJobId()
    await service.jobs.scheduleTwinUpdate(jobId, noDevice, {}, inAnHour(), 60)
    await service.jobs.getJob(jobId)
  },
  'JobClient.cancelJob': async ({ service }) => {
    const jobId = freshJobId()
    await service.jobs.scheduleTwinUpdate(jobId, noDevice, {}, inAnHour(), 60)
    await service.jobs.cancelJob(jobId)
  },
  'JobClient.createQuery': ({ service }) => service.jobs.createQuery().next(''),
  'DeviceClient.getTwin': ({ device }) => device.client.getTwin(),
  'DeviceClient.sendEvent': ({ device }) => device.client.sendEvent(new Message('{}')),
  'DeviceClient.twin.report': async ({ device }) => report(await device.client.getTwin(), { a: 1 }),
}

function moduleOf({ deviceId }: SdkDevice): Module {
  return { deviceId, moduleId: 'm' }
}

async function addModule({ service, device }: Scene): Promise<Module> {
  await service.registry.addModule(moduleOf(device))
  return moduleOf(device)
}

const configuration = { id: 'c', schemaVersion: '1.0', content: {} }
/** What the SDKs can ask and this hub refuses by name, until a later capability brings it. */
export const refused: Readonly<Record<string, Operation>> = {
  'Registry.importDevicesFromBlob': ({ service }) => service.registry.importDevicesFromBlob('in', 'out'),
  'Registry.importDevicesFromBlobByIdentity': ({ service }) =>
    service.registry.importDevicesFromBlobByIdentity('in', 'out'),
  'Registry.exportDevicesToBlob': ({ service }) => service.registry.exportDevicesToBlob('out', true),
  'Registry.exportDevicesToBlobByIdentity': ({ service }) =>
    service.registry.exportDevicesToBlobByIdentity('out', true),
  'Registry.listJobs': ({ service }) => service.registry.listJobs(),
  'Registry.getJob': ({ service }) => service.registry.getJob('j'),
  'Registry.cancelJob': ({ service }) => service.registry.cancelJob('j'),
  'Registry.addConfiguration': ({ service }) => service.registry.addConfiguration(configuration),
  'Registry.getConfiguration': ({ service }) => service.registry.getConfiguration('c'),
  'Registry.getConfigurations': ({ service }) => service.registry.getConfigurations(),
  'Registry.updateConfiguration': ({ service }) => service.registry.updateConfiguration(configuration, true),
  'Registry.removeConfiguration': ({ service }) => service.registry.removeConfiguration('c'),
  'Registry.applyConfigurationContentOnDevice': ({ service, device }) =>
    service.registry.applyConfigurationContentOnDevice(device.deviceId, {}),
}

/** Over AMQP, each with a file of its own: `cloud-to-device.test.ts`, `amqp-access.test.ts`. */
export const overAmqp: readonly string[] = [
  'Client.open',
  'Client.close',
  'Client.send',
  'Client.getFeedbackReceiver',
  'Client.getFileNotificationReceiver',
]

/** Settings of the client that send nothing. */
export const silent: readonly string[] = ['Client.setRetryPolicy']
