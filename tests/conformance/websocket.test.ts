import type { Client } from 'azure-iot-device'
import { Message } from 'azure-iot-device'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  closeDevice,
  handleMethod,
  nextDesired,
  openDevice,
  registerDevice,
  report,
} from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { invoke, openService, setStatus } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'
import { openWebSocketDevice } from './support/transports.ts'

let target: Target
let service: Service

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

describe('a device of the SDK on MQTT over WebSocket', () => {
  let deviceId: string
  let connectionString: string
  let client: Client

  beforeEach(async () => {
    deviceId = `${target.prefix}websocket`
    connectionString = await registerDevice(target, service, deviceId)
    client = await openWebSocketDevice(target, connectionString)
  })

  afterEach(async () => {
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  test('answers direct methods', async () => {
    await handleMethod(client, 'echo', (payload) => ({ status: 201, payload }))
    expect(await invoke(service, deviceId, { name: 'echo', payload: { a: 'é' } })).toEqual({
      status: 201,
      payload: { a: 'é' },
    })
  })

  test('takes part in its twin', async () => {
    const twin = await client.getTwin()
    await report(twin, { over: 'websocket' })
    const pushed = nextDesired(twin, 'rate')
    await client.getTwin()
    await service.registry.updateTwin(deviceId, { properties: { desired: { rate: 4 } } }, '*')
    expect(await pushed).toBe(4)
    const { responseBody } = await service.registry.getTwin(deviceId)
    expect(responseBody.properties.reported).toMatchObject({ over: 'websocket' })
  })

  test('sends telemetry of 200 KB', async () => {
    await client.sendEvent(new Message('x'.repeat(200_000)))
    const { responseBody } = await service.registry.get(deviceId)
    expect(Date.parse(responseBody.lastActivityTime ?? '')).toBeGreaterThan(Date.parse('2020-01-01'))
  })

  test('takes over from its connection on the device port, and is one device still', async () => {
    const overTls = await openDevice(target, connectionString)
    await handleMethod(overTls, 'where', () => ({ status: 200, payload: 'tls' }))
    expect(await invoke(service, deviceId, { name: 'where', connectSeconds: 10 })).toMatchObject({
      payload: 'tls',
    })
    await closeDevice(overTls)
  })

  test('is disconnected when it is disabled', async () => {
    const state = async () => String((await service.registry.get(deviceId)).responseBody.connectionState)
    await eventually(state, (value) => value === 'Connected')
    await setStatus(service, deviceId, 'disabled')
    await eventually(state, (value) => value === 'Disconnected')
    await expect(openWebSocketDevice(target, connectionString)).rejects.toThrow()
  })

  test('with a wrong key is refused', async () => {
    const wrong = connectionString.replace(
      /SharedAccessKey=[^;]*/,
      `SharedAccessKey=${Buffer.alloc(32, 7).toString('base64')}`,
    )
    await expect(openWebSocketDevice(target, wrong)).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })
})
