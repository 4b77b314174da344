import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Message } from 'azure-iot-device'
import type { Client, Twin } from 'azure-iot-device'
import { openAmqpDevice } from './support/amqp-device.ts'
import {
  closeDevice,
  handleMethod,
  nextDesired,
  openDevice,
  registerDevice,
  report,
} from './support/device.ts'
import { eventually } from './support/eventually.ts'
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

describe('a device of the SDK over AMQP', () => {
  let deviceId: string
  let connectionString: string
  let client: Client

  beforeEach(async () => {
    deviceId = `${target.prefix}${randomUUID()}`
    connectionString = await registerDevice(target, service, deviceId)
    client = await openAmqpDevice(target, connectionString)
  })

  afterEach(async () => {
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  const serviceTwin = async () => (await service.registry.getTwin(deviceId)).responseBody
  const connectionState = async () => ((await serviceTwin()) as { connectionState?: string }).connectionState

  test('is connected from its first link until it hangs up', async () => {
    expect(await connectionState()).toBe('Disconnected')
    await client.sendEvent(new Message('{}'))
    await eventually(connectionState, (state) => state === 'Connected')
    await client.close()
    await eventually(connectionState, (state) => state === 'Disconnected')
  })

  test('Client.sendEvent counts as activity', async () => {
    await client.sendEvent(new Message(JSON.stringify({ temperature: 20 })))
    const { responseBody } = await service.registry.get(deviceId)
    expect(Date.parse(responseBody.lastActivityTime ?? '')).toBeGreaterThan(Date.parse('2020-01-01'))
  })

  test('Client.sendEvent of more than 256 KB is refused, and the next one is not', async () => {
    await expect(client.sendEvent(new Message('x'.repeat(257 * 1024)))).rejects.toMatchObject({
      name: 'MessageTooLargeError',
    })
    await client.sendEvent(new Message('x'.repeat(255 * 1024)))
  })

  test('has a twin: reads it, reports, and hears what the back end desires', async () => {
    await service.registry.updateTwin(deviceId, { properties: { desired: { rate: 5 } } }, '*')
    const twin: Twin = await client.getTwin()
    expect(twin.properties.desired).toMatchObject({ rate: 5, $version: 2 })
    await report(twin, { fw: { version: '1' } })
    await report(twin, { fw: { version: '2', old: null } })
    const { properties } = await serviceTwin()
    expect(properties.reported).toMatchObject({ fw: { version: '2' }, $version: 3 })
    const pushed = nextDesired(twin, 'later')
    // The SDK subscribes in the background.
    await client.getTwin()
    await service.registry.updateTwin(deviceId, { properties: { desired: { later: { a: 1 } } } }, '*')
    expect(await pushed).toEqual({ a: 1 })
  })

  test('a report that breaks a limit fails on the device and changes nothing', async () => {
    const twin = await client.getTwin()
    await expect(report(twin, { big: 'x'.repeat(5000) })).rejects.toMatchObject({
      amqpError: { name: 'FormatError' },
    })
    expect((await serviceTwin()).properties.reported).not.toHaveProperty('big')
    await report(twin, { small: 1 })
  })

  test('answers methods, several at once, each with its own answer', async () => {
    client.onDeviceMethod('echo', (request, response) => {
      void response.send(202, { heard: request.payload as unknown })
    })
    await eventually(connectionState, (state) => state === 'Connected')
    const answers = await Promise.all(
      [1, 2, 3].map((payload) => invoke(service, deviceId, { name: 'echo', payload, connectSeconds: 10 })),
    )
    expect(answers).toEqual([1, 2, 3].map((heard) => ({ status: 202, payload: { heard } })))
  })

  test('a method that it does not answer is 504101, and one before it listens is 404103', async () => {
    await client.getTwin()
    const early = await refusalOf(invoke(service, deviceId, { name: 'silent' }))
    expect(errorNumberOf(early)).toBe(404103)
    client.onDeviceMethod('silent', () => undefined)
    const late = await refusalOf(
      invoke(service, deviceId, { name: 'silent', connectSeconds: 10, responseSeconds: 5 }),
    )
    expect(errorNumberOf(late)).toBe(504101)
  })

  test('that is disabled is disconnected and refused', async () => {
    await client.getTwin()
    client.on('error', () => undefined)
    await setStatus(service, deviceId, 'disabled')
    await eventually(connectionState, (state) => state === 'Disconnected')
    await expect(openAmqpDevice(target, connectionString)).rejects.toMatchObject({
      name: 'UnauthorizedError',
    })
  })

  test('that connects over MQTT as well has that connection only', async () => {
    client.on('error', () => undefined)
    await client.getTwin()
    const other = await openDevice(target, connectionString)
    await handleMethod(other, 'which', () => ({ status: 200, payload: 'MQTT' }))
    const answer = await invoke(service, deviceId, { name: 'which', connectSeconds: 10 })
    expect([answer.payload, await connectionState()]).toEqual(['MQTT', 'Connected'])
    await closeDevice(other)
  })

  test('a wrong key is refused', async () => {
    const wrong = connectionString.replace(
      /SharedAccessKey=[^;]*/,
      `SharedAccessKey=${Buffer.alloc(32, 7).toString('base64')}`,
    )
    await expect(openAmqpDevice(target, wrong)).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })
})
