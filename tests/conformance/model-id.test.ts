import { Client, ModuleClient } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { closeDevice, registerDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openService, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

const thermostat = 'dtmi:com:example:Thermostat;1'

let target: Target
let service: Service
let deviceId: string
let connectionString: string
let count = 0

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

beforeEach(async () => {
  count += 1
  deviceId = `${target.prefix}model-${count}`
  connectionString = await registerDevice(target, service, deviceId)
})

async function connect(modelId: string | undefined): Promise<Client> {
  const client = Client.fromConnectionString(connectionString, Mqtt)
  const { ca } = target
  await client.setOptions({ ...(ca !== undefined && { ca }), ...(modelId !== undefined && { modelId }) })
  await client.open()
  return client
}

// The SDK's Twin has it, and its type does not.
const modelOf = async () =>
  ((await service.registry.getTwin(deviceId)).responseBody as { modelId?: string }).modelId

test('the model that a device of the SDK announces is in its twin, and stays when the device is gone', async () => {
  expect(await modelOf()).toBe('')
  const client = await connect(thermostat)
  expect(await modelOf()).toBe(thermostat)
  await closeDevice(client)
  expect(await modelOf()).toBe(thermostat)
})

test('a device is found by its model', async () => {
  const client = await connect(`${thermostat}${count}`)
  const rows = await eventually(
    () => rowsOf(service, `SELECT * FROM devices WHERE modelId = '${thermostat}${count}'`),
    ({ length }) => length > 0,
  )
  expect(rows).toMatchObject([{ deviceId, modelId: `${thermostat}${count}` }])
  await closeDevice(client)
})

test('the model of a module is in the twin of the module, and not in the one of its device', async () => {
  await service.registry.addModule({ deviceId, moduleId: 'm' })
  const { responseBody: module } = await service.registry.getModule(deviceId, 'm')
  const key = module.authentication?.symmetricKey?.primaryKey ?? ''
  const client = ModuleClient.fromConnectionString(
    `HostName=${service.hostName};DeviceId=${deviceId};ModuleId=m;SharedAccessKey=${key}${target.gateway}`,
    Mqtt,
  )
  const { ca } = target
  await client.setOptions({ ...(ca !== undefined && { ca }), modelId: thermostat })
  await client.open()
  const { responseBody: twin } = await service.registry.getModuleTwin(deviceId, 'm')
  expect(twin).toMatchObject({ modelId: thermostat })
  expect(await modelOf()).toBe('')
  await client.close()
})

test.skipIf(localOnly)(
  localTitle('another announcement takes the place of the first, and silence says nothing new', 'ownChoice'),
  async () => {
    await closeDevice(await connect(thermostat))
    await closeDevice(await connect('dtmi:com:example:Pump;2'))
    await closeDevice(await connect(undefined))
    expect(await modelOf()).toBe('dtmi:com:example:Pump;2')
  },
)
