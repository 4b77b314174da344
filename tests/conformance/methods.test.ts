import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { closeDevice, connectDevice, handleMethod } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { errorNumberOf, invoke, openService, refusalOf, setStatus } from './support/service.ts'
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

describe('Client.invokeDeviceMethod on a connected device', () => {
  let device: SdkDevice

  beforeEach(async () => {
    device = await connectDevice(target, service, `${target.prefix}method%2f'`)
  })

  afterEach(async () => {
    await closeDevice(device.client)
    await service.registry.delete(device.deviceId)
  })

  test.each([[null], [''], [0], [false], [{ a: [1, { b: 'ü' }] }], [['x']], ['{"json":"in a text"}']])(
    'carries the payload %j there and back',
    async (payload) => {
      await handleMethod(device.client, 'echo', (received) => ({ status: 202, payload: { received } }))
      expect(await invoke(service, device.deviceId, { name: 'echo', payload })).toEqual({
        status: 202,
        payload: { received: payload },
      })
    },
  )

  test('answers null where the device answers nothing', async () => {
    await handleMethod(device.client, 'quiet', () => ({ status: 204 }))
    expect(await invoke(service, device.deviceId, { name: 'quiet' })).toEqual({ status: 204, payload: null })
  })

  test('gives each of many calls in flight its own answer', async () => {
    await handleMethod(device.client, 'double', (payload) => ({ status: 200, payload: Number(payload) * 2 }))
    const calls = Array.from({ length: 20 }, (_, index) =>
      invoke(service, device.deviceId, { name: 'double', payload: index }),
    )
    const answers = await Promise.all(calls)
    expect(answers.map(({ payload }) => payload)).toEqual(Array.from({ length: 20 }, (_, index) => index * 2))
  })

  test('is refused with 404103 while the device has no method handler', async () => {
    const refusal = await refusalOf(invoke(service, device.deviceId, { name: 'reboot' }))
    expect([refusal.status, errorNumberOf(refusal)]).toEqual([404, 404103])
  })

  test('is refused with 504101 when the device answers too late', async () => {
    device.client.onDeviceMethod('sleep', () => undefined)
    await device.client.getTwin()
    const refusal = await refusalOf(invoke(service, device.deviceId, { name: 'sleep', responseSeconds: 5 }))
    expect([refusal.status, refusal.name, errorNumberOf(refusal)]).toEqual([
      504,
      'GatewayTimeoutError',
      504101,
    ])
  })

  test('is refused with 404001 once the device is disabled', async () => {
    await handleMethod(device.client, 'echo', () => ({ status: 200 }))
    await setStatus(service, device.deviceId, 'disabled')
    const refusal = await refusalOf(invoke(service, device.deviceId, { name: 'echo' }))
    expect([refusal.status, errorNumberOf(refusal)]).toEqual([404, 404001])
  })

  test('refuses a payload over 128 KB', async () => {
    const refusal = await refusalOf(
      invoke(service, device.deviceId, { name: 'big', payload: 'x'.repeat(128 * 1024) }),
    )
    expect([400, 413]).toContain(refusal.status)
  })
})

test('Client.invokeDeviceMethod on an offline device is refused with 404103 and the documented body', async () => {
  const deviceId = `${target.prefix}offline`
  await service.registry.create({ deviceId })
  const refusal = await refusalOf(invoke(service, deviceId, { name: 'reboot' }))
  const { Message: nested } = JSON.parse(refusal.body) as { Message: string }
  expect(refusal.status).toBe(404)
  expect(JSON.parse(nested)).toMatchObject({
    errorCode: 404103,
    message: 'Timed out waiting for device to connect.',
    info: { timeout: '00:00:00' },
  })
  await service.registry.delete(deviceId)
})

test('Client.invokeDeviceMethod waits connectTimeoutInSeconds for a device that is about to come', async () => {
  const deviceId = `${target.prefix}late`
  const first = await connectDevice(target, service, deviceId)
  await closeDevice(first.client)
  const call = invoke(service, deviceId, { name: 'echo', payload: 1, connectSeconds: 20 })
  const { Client } = await import('azure-iot-device')
  const { Mqtt } = await import('azure-iot-device-mqtt')
  const client = Client.fromConnectionString(first.connectionString, Mqtt)
  if (target.ca !== undefined) await client.setOptions({ ca: target.ca })
  client.onDeviceMethod('echo', (request, response) => void response.send(200, request.payload))
  await client.open()
  expect(await call).toEqual({ status: 200, payload: 1 })
  await closeDevice(client)
  await service.registry.delete(deviceId)
})

test('Client.invokeDeviceMethod on an unknown device is refused with 404001', async () => {
  const refusal = await refusalOf(invoke(service, `${target.prefix}nobody`, { name: 'reboot' }))
  expect([refusal.status, errorNumberOf(refusal)]).toEqual([404, 404001])
})

test.each([4, 301])(
  'Client.invokeDeviceMethod refuses a response timeout of %d seconds',
  async (responseSeconds) => {
    const refusal = await refusalOf(
      invoke(service, `${target.prefix}nobody`, { name: 'reboot', responseSeconds }),
    )
    expect(refusal.status).toBe(400)
  },
)
