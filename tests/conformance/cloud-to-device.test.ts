import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Client as DeviceClient } from 'azure-iot-device'
import type { Client } from 'azure-iothub'
import { openAmqpDevice } from './support/amqp-device.ts'
import { amqpClient } from './support/amqp-service.ts'
import { receiveFeedback, receiveMessages, send } from './support/cloud-to-device.ts'
import type { FeedbackRecord } from './support/cloud-to-device.ts'
import { closeDevice, openDevice, registerDevice } from './support/device.ts'
import { openService } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let sender: Client
/** All that comes; a device has an id of its own in each test. */
let feedback: readonly FeedbackRecord[]

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  sender = amqpClient(target)
  await sender.open()
  feedback = await receiveFeedback(sender)
})

afterAll(async () => {
  await sender.close()
  await target.close()
})

const feedbackOf = (deviceId: string) => feedback.filter((record) => record.deviceId === deviceId)

const openers = { MQTT: openDevice, AMQP: openAmqpDevice }

describe.each(Object.keys(openers) as (keyof typeof openers)[])(
  'messages to a device over %s',
  (transport) => {
    let deviceId: string
    let connectionString: string
    const clients: DeviceClient[] = []

    beforeEach(async () => {
      deviceId = `${target.prefix}${randomUUID()}`
      connectionString = await registerDevice(target, service, deviceId)
    })

    afterEach(async () => {
      await Promise.all(clients.splice(0).map(closeDevice))
      await service.registry.delete(deviceId)
    })

    async function open(): Promise<DeviceClient> {
      const client = await openers[transport](target, connectionString)
      clients.push(client)
      return client
    }

    test('arrive with their properties, in order, also those that were sent before it connected', async () => {
      const properties = { 'unit &/+#': 'ü 1', empty: '' }
      await send(sender, deviceId, { id: 'early', body: '{"a":1}', properties })
      const inbox = receiveMessages(await open())
      await expect.poll(() => inbox.ids).toEqual(['early'])
      await send(sender, deviceId, { id: 'late' })
      await expect.poll(() => inbox.ids).toEqual(['early', 'late'])
      const [early] = inbox.messages
      expect(String(early?.data)).toBe('{"a":1}')
      expect(early?.to).toBe(`/devices/${deviceId}/messages/devicebound`)
      expect(early?.properties.getValue('unit &/+#')).toBe('ü 1')
    })

    test('are told of to their sender when they are completed', async () => {
      const inbox = receiveMessages(await open())
      await send(sender, deviceId, { id: 'silent' })
      await send(sender, deviceId, { id: 'negative', ack: 'negative' })
      await send(sender, deviceId, { id: 'positive', ack: 'positive' })
      await expect.poll(() => inbox.ids).toEqual(['silent', 'negative', 'positive'])
      for (const place of [0, 1, 2]) await inbox.settle(place, 'complete')
      await expect
        .poll(() => feedbackOf(deviceId), { timeout: 30_000 })
        .toMatchObject([{ originalMessageId: 'positive', statusCode: 'Success' }])
    })

    test('that expire before it connects never arrive, and are told of', async () => {
      await send(sender, deviceId, { id: 'short', ack: 'full', expiresAt: Date.now() + 300 })
      await expect
        .poll(() => feedbackOf(deviceId), { timeout: 30_000 })
        .toMatchObject([{ statusCode: 'Expired', deviceId }])
      const inbox = receiveMessages(await open())
      await send(sender, deviceId, { id: 'long' })
      await expect.poll(() => inbox.ids).toEqual(['long'])
    })

    test('are at most fifty', async () => {
      for (let number = 0; number < 50; number += 1) await send(sender, deviceId, { id: String(number) })
      await expect(send(sender, deviceId, { id: 'too many' })).rejects.toMatchObject({
        name: 'DeviceMaximumQueueDepthExceededError',
      })
      const inbox = receiveMessages(await open())
      await expect.poll(() => inbox.ids.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(1)
      for (let place = 0; place < 50; place += 1) {
        await expect.poll(() => inbox.ids.length, { timeout: 10_000 }).toBeGreaterThan(place)
        await inbox.settle(place, 'complete')
      }
      expect(inbox.ids).toEqual(Array.from({ length: 50 }, (_, number) => String(number)))
      await expect.poll(() => send(sender, deviceId, { id: 'fits' }).then(() => 'sent')).toBe('sent')
    })
  },
)

describe('messages to a device over AMQP', () => {
  test('are settled one by one: what is abandoned comes again, what is rejected is told of', async () => {
    const deviceId = `${target.prefix}settles`
    const connectionString = await registerDevice(target, service, deviceId)
    const client = await openAmqpDevice(target, connectionString)
    const inbox = receiveMessages(client)
    await send(sender, deviceId, { id: 'a', ack: 'full' })
    await send(sender, deviceId, { id: 'b', ack: 'full' })
    await expect.poll(() => inbox.ids).toEqual(['a', 'b'])
    await inbox.settle(1, 'reject')
    await inbox.settle(0, 'abandon')
    await expect.poll(() => inbox.ids).toEqual(['a', 'b', 'a'])
    await inbox.settle(2, 'complete')
    await expect
      .poll(() => feedbackOf(deviceId), { timeout: 30_000 })
      .toMatchObject([
        { originalMessageId: 'b', statusCode: 'Rejected' },
        { originalMessageId: 'a', statusCode: 'Success' },
      ])
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  test('that are abandoned ten times are given up, and their sender is told', async () => {
    const deviceId = `${target.prefix}gives-up`
    const client = await openAmqpDevice(target, await registerDevice(target, service, deviceId))
    const inbox = receiveMessages(client)
    await send(sender, deviceId, { id: 'a', ack: 'negative' })
    for (let place = 0; place < 10; place += 1) {
      await expect.poll(() => inbox.ids.length, { timeout: 10_000 }).toBe(place + 1)
      await inbox.settle(place, 'abandon')
    }
    await expect
      .poll(() => feedbackOf(deviceId), { timeout: 30_000 })
      .toMatchObject([{ originalMessageId: 'a', statusCode: 'DeliveryCountExceeded' }])
    await send(sender, deviceId, { id: 'b' })
    await expect.poll(() => inbox.ids.at(-1)).toBe('b')
    expect(inbox.ids).toEqual([...Array.from({ length: 10 }, () => 'a'), 'b'])
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  test('are told of as their sender asked: of what was completed, of what was rejected, of both or of none', async () => {
    const deviceId = `${target.prefix}asks`
    const client = await openAmqpDevice(target, await registerDevice(target, service, deviceId))
    const inbox = receiveMessages(client)
    const outcomes = ['complete', 'reject'] as const
    const wishes = ['none', 'positive', 'negative', 'full'] as const
    const cases = outcomes.flatMap((how) => wishes.map((ack) => ({ how, ack, id: `${how}-${ack}` })))
    for (const { id, ack } of cases) await send(sender, deviceId, { id, ack })
    await expect.poll(() => inbox.ids, { timeout: 10_000 }).toEqual(cases.map(({ id }) => id))
    for (const [place, { how }] of cases.entries()) await inbox.settle(place, how)
    const told = () => feedbackOf(deviceId).map((one) => [one.originalMessageId, one.statusCode])
    const expected = [
      ['complete-positive', 'Success'],
      ['complete-full', 'Success'],
      ['reject-negative', 'Rejected'],
      ['reject-full', 'Rejected'],
    ]
    await expect.poll(told, { timeout: 30_000 }).toEqual(expected)
    // What comes afterwards shows that nothing else was on its way.
    await send(sender, deviceId, { id: 'last', ack: 'full' })
    await expect.poll(() => inbox.ids.length).toBe(cases.length + 1)
    await inbox.settle(cases.length, 'complete')
    await expect.poll(told, { timeout: 30_000 }).toEqual([...expected, ['last', 'Success']])
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  test('are told of with the generation of the device, the time, and the name of the hub', async () => {
    const deviceId = `${target.prefix}details`
    const client = await openAmqpDevice(target, await registerDevice(target, service, deviceId))
    const { generationId } = (await service.registry.get(deviceId)).responseBody
    const inbox = receiveMessages(client)
    await send(sender, deviceId, { id: 'a', ack: 'full' })
    await expect.poll(() => inbox.ids).toEqual(['a'])
    await inbox.settle(0, 'complete')
    await expect.poll(() => feedbackOf(deviceId).length, { timeout: 30_000 }).toBe(1)
    const [record] = feedbackOf(deviceId)
    expect(record).toMatchObject({
      description: 'Success',
      deviceGenerationId: generationId,
      carrier: { content_type: 'application/vnd.microsoft.iothub.feedback.json' },
    })
    expect(Math.abs(Date.now() - Date.parse(record?.enqueuedTimeUtc ?? ''))).toBeLessThan(600_000)
    expect(String(record?.carrier.user_id)).toContain(service.hostName.split('.')[0])
    const enqueuedAt = Number(record?.carrier.message_annotations?.['iothub-enqueuedtime'])
    expect(Math.abs(Date.now() - enqueuedAt)).toBeLessThan(600_000)
    await closeDevice(client)
    await service.registry.delete(deviceId)
  })

  test('that a lost connection had not settled come again', async () => {
    const deviceId = `${target.prefix}loses`
    const connectionString = await registerDevice(target, service, deviceId)
    const first = await openAmqpDevice(target, connectionString)
    const before = receiveMessages(first)
    await send(sender, deviceId, { id: 'a' })
    await expect.poll(() => before.ids).toEqual(['a'])
    await closeDevice(first)
    const second = await openAmqpDevice(target, connectionString)
    const after = receiveMessages(second)
    await expect.poll(() => after.ids).toEqual(['a'])
    await after.settle(0, 'complete')
    await closeDevice(second)
    await service.registry.delete(deviceId)
  })
})

describe('Client.send', () => {
  test('to a device that does not exist is DeviceNotFoundError', async () => {
    await expect(send(sender, `${target.prefix}nobody`, { id: 'a' })).rejects.toMatchObject({
      name: 'DeviceNotFoundError',
    })
  })

  test('of more than 64 KB is MessageTooLargeError, and the client still works', async () => {
    const deviceId = `${target.prefix}large`
    await service.registry.create({ deviceId })
    await expect(send(sender, deviceId, { id: 'a', body: 'x'.repeat(65 * 1024) })).rejects.toMatchObject({
      name: 'MessageTooLargeError',
    })
    await send(sender, deviceId, { id: 'b', body: 'x'.repeat(60 * 1024) })
    await service.registry.delete(deviceId)
  })
})
