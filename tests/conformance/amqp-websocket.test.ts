import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventHubConsumerClient } from '@azure/event-hubs'
import { Message } from 'azure-iot-device'
import type { Client as DeviceClient } from 'azure-iot-device'
import WebSocket from 'ws'
import { amqpWebSocketClient, openAmqpWebSocketDevice } from './support/amqp-websocket.ts'
import { receiveMessages, send } from './support/cloud-to-device.ts'
import { closeDevice, registerDevice, report } from './support/device.ts'
import { readEvents } from './support/event-hub.ts'
import { findEventHubs } from './support/redirection.ts'
import { openService } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'
import { hubAgent } from './support/transports.ts'

/** The same clients over a WebSocket, which goes to the port of REST. */
describe('AMQP over a WebSocket', () => {
  let target: Target
  let service: Service
  let deviceId: string
  let device: DeviceClient

  beforeAll(async () => {
    target = await openTarget()
    service = openService(target.connectionString, target.agent)
    deviceId = `${target.prefix}amqp-websocket`
    device = await openAmqpWebSocketDevice(target, await registerDevice(target, service, deviceId))
  })

  afterAll(async () => {
    await closeDevice(device)
    await service.registry.delete(deviceId)
    await target.close()
  })

  test('carries a device: twin and telemetry', async () => {
    await device.sendEvent(new Message('{}'))
    await report(await device.getTwin(), { fw: 1 })
    const { responseBody } = await service.registry.getTwin(deviceId)
    expect(responseBody.properties.reported).toMatchObject({ fw: 1 })
  })

  test('carries a back end that sends to devices', async () => {
    const inbox = receiveMessages(device)
    const client = amqpWebSocketClient(target)
    await client.open()
    await send(client, deviceId, { id: 'a' })
    await expect.poll(() => inbox.ids, { timeout: 10_000 }).toEqual(['a'])
    await inbox.settle(0, 'complete')
    await client.close()
  })

  test('carries a reader of the built-in endpoint, which is where the hub says', async () => {
    const found = await findEventHubs(target.address)
    const client = new EventHubConsumerClient('$Default', found.replace(/:\d+\/;/, '/;'), {
      webSocketOptions: {
        webSocket: WebSocket,
        webSocketConstructorOptions: { agent: hubAgent(target, service.hostName) },
      },
    })
    const reader = readEvents(client, {
      prefix: target.prefix,
      position: { enqueuedOn: Date.now() - 600_000 },
    })
    await device.sendEvent(new Message('{"over":"WebSocket"}'))
    await expect
      .poll(() => reader.bodiesOf('Telemetry'), { timeout: 10_000 })
      .toContainEqual({ over: 'WebSocket' })
    await reader.close()
    await client.close()
  })
})
