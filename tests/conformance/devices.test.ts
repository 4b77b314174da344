import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Message } from 'azure-iot-device'
import type { Twin } from 'azure-iot-device'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import {
  closeDevice,
  connectDevice,
  deviceConnectionString,
  handleMethod,
  nextDesired,
  openDevice,
  registerDevice,
  report,
} from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { rawTarget } from './support/raw-mqtt.ts'
import { invoke, openService, refusalOf, setStatus } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

describe('a device of the SDK', () => {
  let device: SdkDevice
  let twin: Twin

  beforeEach(async () => {
    device = await connectDevice(target, service, `${target.prefix}device`)
    twin = await device.client.getTwin()
  })

  afterEach(async () => {
    await closeDevice(device.client)
    await service.registry.delete(device.deviceId)
  })

  const serviceTwin = async () => (await service.registry.getTwin(device.deviceId)).responseBody
  // The SDK's Twin has it, and its type does not.
  const connectionState = async () => ((await serviceTwin()) as { connectionState?: string }).connectionState
  const change = (desired: object) =>
    service.registry.updateTwin(device.deviceId, { properties: { desired } }, '*')

  test('Client.getTwin sees what the back end desires', async () => {
    await change({ rate: 5 })
    const { properties } = await device.client.getTwin()
    expect(properties.desired).toMatchObject({ rate: 5, $version: 2 })
  })

  test('Twin.properties.reported.update reaches the back end with a fresh stamp', async () => {
    await report(twin, { fw: { version: '1.0' } })
    await report(twin, { fw: { version: '1.1', old: null } })
    const { properties } = await serviceTwin()
    const reported = properties.reported as {
      fw: unknown
      $version: number
      $metadata: { fw: { version: { $lastUpdated: string } } }
    }
    expect(reported).toMatchObject({ fw: { version: '1.1' }, $version: 3 })
    expect(Math.abs(Date.now() - Date.parse(reported.$metadata.fw.version.$lastUpdated))).toBeLessThan(60_000)
  })

  test('a report that breaks a limit fails on the device and changes nothing', async () => {
    await expect(report(twin, { big: 'x'.repeat(5000) })).rejects.toThrow(/4096/)
    await expect(report(twin, { 'a.b': 1 })).rejects.toThrow()
    expect((await serviceTwin()).properties.reported).not.toHaveProperty('big')
  })

  test('a change of desired properties is pushed to the device', async () => {
    const pushed = nextDesired(twin, 'rate')
    // The SDK subscribes in the background.
    await device.client.getTwin()
    await change({ rate: 9 })
    expect(await pushed).toBe(9)
  })

  test('Client.sendEvent is acknowledged and counts as activity', async () => {
    await device.client.sendEvent(new Message(JSON.stringify({ temperature: 20 })))
    const { responseBody } = await service.registry.get(device.deviceId)
    expect(Date.parse(responseBody.lastActivityTime ?? '')).toBeGreaterThan(Date.parse('2020-01-01'))
  })

  test('Client.on message subscribes to cloud-to-device messages without harm', async () => {
    device.client.on('message', () => undefined)
    await device.client.getTwin()
    expect(await connectionState()).toBe('Connected')
  })

  test('Client.close makes the device disconnected', async () => {
    await eventually(connectionState, (state) => state === 'Connected')
    await device.client.close()
    await eventually(connectionState, (state) => state === 'Disconnected')
  })

  test('a device that is disabled is disconnected and refused', async () => {
    await setStatus(service, device.deviceId, 'disabled')
    await eventually(connectionState, (state) => state === 'Disconnected')
    await expect(openDevice(target, device.connectionString)).rejects.toThrow()
  })

  test('a device whose connection the hub drops reconnects and still answers methods and sees desired changes', async () => {
    await handleMethod(device.client, 'echo', (payload) => ({ status: 200, payload }))
    const pushed = nextDesired(twin, 'after')
    await device.client.getTwin()
    await takeOver(device)
    const answer = await invoke(service, device.deviceId, {
      name: 'echo',
      payload: 'back',
      connectSeconds: 20,
    })
    expect(answer).toEqual({ status: 200, payload: 'back' })
    await change({ after: 'drop' })
    expect(await pushed).toBe('drop')
  })

  /** Connects a second client with the same id and a clean session, which ends the first connection and its session, and hangs up. */
  async function takeOver({ deviceId, connectionString }: SdkDevice): Promise<void> {
    const raw = rawTarget(target.address, connectionString)
    const other = await openRawDevice(raw)
    other.send(connectPacket(raw, deviceId, { clean: true }))
    await other.next()
    other.socket.end()
  }
})

test('two programs with one device id do not throw each other out hundreds of times', async () => {
  const deviceId = `${target.prefix}twins`
  const connectionString = await registerDevice(target, service, deviceId)
  const clients = await Promise.all([
    openDevice(target, connectionString),
    openDevice(target, connectionString),
  ])
  let reconnects = 0
  for (const client of clients) {
    client.on('connect', () => (reconnects += 1))
    client.on('error', () => undefined)
    client.onDeviceMethod('any', () => undefined)
  }
  await refusalOf(invoke(service, deviceId, { name: 'any', responseSeconds: 5 }))
  expect(reconnects).toBeLessThan(20)
  await Promise.all(clients.map(closeDevice))
  await service.registry.delete(deviceId)
})

test('a device with a wrong key is refused', async () => {
  const deviceId = `${target.prefix}wrong-key`
  await service.registry.create({ deviceId })
  const symmetricKey = { primaryKey: Buffer.alloc(32, 7).toString('base64') }
  const connectionString = deviceConnectionString(target, service.hostName, {
    deviceId,
    authentication: { symmetricKey },
  })
  await expect(openDevice(target, connectionString)).rejects.toMatchObject({ name: 'UnauthorizedError' })
  await service.registry.delete(deviceId)
})

test.skipIf(localOnly)(
  localTitle('a device that does not trust the authority of the hub does not connect', 'ownAuthority'),
  async () => {
    const connectionString = await registerDevice(target, service, `${target.prefix}no-ca`)
    await expect(openDevice({ ...target, ca: undefined }, connectionString)).rejects.toThrow(/certificate/)
  },
)
