import { once } from 'node:events'
import sdk from 'azure-iot-device'
import type { Client, ModuleClient, Twin } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import type { Service } from './service.ts'
import type { Target } from './target.ts'

/** A device of the unmodified device SDK, connected. */
export interface SdkDevice {
  readonly deviceId: string
  readonly client: Client
  readonly connectionString: string
  close(): Promise<void>
}

/** Registers a device and answers its connection string. */
export async function registerDevice(
  target: Pick<Target, 'gateway'>,
  service: Service,
  deviceId: string,
): Promise<string> {
  const { responseBody } = await service.registry.create({ deviceId })
  return deviceConnectionString(target, service.hostName, responseBody)
}

export function deviceConnectionString(
  target: Pick<Target, 'gateway'>,
  hostName: string,
  device: RegisteredDevice,
): string {
  const key = device.authentication?.symmetricKey?.primaryKey ?? ''
  return `HostName=${hostName};DeviceId=${device.deviceId};SharedAccessKey=${key}${target.gateway}`
}

/** The connection string of a module that the registry has. */
export async function moduleConnectionString(
  target: Pick<Target, 'gateway'>,
  { registry, hostName }: Service,
  { deviceId, moduleId }: { readonly deviceId: string; readonly moduleId: string },
): Promise<string> {
  const { responseBody } = await registry.getModule(deviceId, moduleId)
  const key = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
  const whose = `HostName=${hostName};DeviceId=${deviceId};ModuleId=${moduleId}`
  return `${whose};SharedAccessKey=${key}${target.gateway}`
}

/** A module of the SDK over MQTT, connected. */
export async function openModule(
  target: Pick<Target, 'ca'>,
  connectionString: string,
): Promise<ModuleClient> {
  const client = sdk.ModuleClient.fromConnectionString(connectionString, Mqtt)
  if (target.ca !== undefined) await client.setOptions({ ca: target.ca })
  await client.open()
  return client
}

export interface RegisteredDevice {
  readonly deviceId: string
  readonly authentication?: { symmetricKey?: { primaryKey?: string } }
}

/** Registers and connects. */
export async function connectDevice(
  target: Pick<Target, 'ca' | 'gateway'>,
  service: Service,
  deviceId: string,
): Promise<SdkDevice> {
  const connectionString = await registerDevice(target, service, deviceId)
  const client = await openDevice(target, connectionString)
  return { deviceId, client, connectionString, close: () => closeDevice(client) }
}

export async function openDevice(target: Pick<Target, 'ca'>, connectionString: string): Promise<Client> {
  const client = sdk.Client.fromConnectionString(connectionString, Mqtt)
  if (target.ca !== undefined) await client.setOptions({ ca: target.ca })
  await client.open()
  return client
}

export async function closeDevice(client: Client): Promise<void> {
  client.removeAllListeners()
  await client.close()
}

/** Answers a method with a status and a payload made of the request's payload; resolves when the hub knows it. */
export async function handleMethod(
  client: Client,
  name: string,
  answer: (payload: unknown) => { status: number; payload?: unknown },
): Promise<void> {
  client.onDeviceMethod(name, (request, response) => {
    const { status, payload } = answer(request.payload)
    void response.send(status, payload)
  })
  // The SDK subscribes in the background; the answer to a twin request comes after the hub has seen the subscription.
  await client.getTwin()
}

export function report(twin: Twin, patch: Readonly<Record<string, unknown>>): Promise<void> {
  const reported = twin.properties.reported as { update(patch: object, done: (error?: Error) => void): void }
  return new Promise((resolve, reject) => {
    reported.update(patch, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** The next change of desired properties that holds `key`. */
export async function nextDesired(twin: Twin, key: string): Promise<unknown> {
  const [value] = (await once(twin, `properties.desired.${key}`)) as [unknown]
  return value
}
