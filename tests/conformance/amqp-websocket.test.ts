import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client as DeviceClient, Message } from 'azure-iot-device'
import { AmqpWs as DeviceAmqpWs } from 'azure-iot-device-amqp'
import { EventHubConsumerClient } from '@azure/event-hubs'
import { Client } from 'azure-iothub'
import { Amqp } from 'azure-iothub/dist/amqp.js'
import { AmqpWs } from 'azure-iothub/dist/amqp_ws.js'
import { Amqp as AmqpBase } from 'azure-iothub/dist/common-amqp/amqp.js'
import WebSocket from 'ws'
import { receiveMessages, send } from './support/cloud-to-device.ts'
import { closeDevice, registerDevice, report } from './support/device.ts'
import { readEvents } from './support/event-hub.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { localAgent, localOnly, localTitle } from './support/target.ts'

/** The same clients over a WebSocket, which goes to the port of REST. */
describe.skipIf(localOnly)(localTitle('AMQP over a WebSocket'), () => {
  let scene: LocalScene
  let connectionString: string
  let device: DeviceClient

  beforeAll(async () => {
    scene = await openLocalHub()
    connectionString = await registerDevice(scene.target, scene.service, 'pump')
    device = DeviceClient.fromConnectionString(
      connectionString.replace(/;GatewayHostName=.*/, ''),
      DeviceAmqpWs,
    )
    await device.setOptions({ amqp: { webSocketAgent: localAgent(scene.local) } })
    await device.open()
  })

  afterAll(async () => {
    await closeDevice(device)
    await scene.close()
  })

  test('carries a device: twin and telemetry', async () => {
    await device.sendEvent(new Message('{}'))
    await report(await device.getTwin(), { fw: 1 })
    const { responseBody } = await scene.service.registry.getTwin('pump')
    expect(responseBody.properties.reported).toMatchObject({ fw: 1 })
  })

  test('carries a back end that sends to devices', async () => {
    const inbox = receiveMessages(device)
    const client = Client.fromConnectionString(scene.local.connectionString, serviceOverWebSocket() as never)
    await client.open()
    await send(client, 'pump', { id: 'a' })
    await expect.poll(() => inbox.ids).toEqual(['a'])
    await inbox.settle(0, 'complete')
    await client.close()
  })

  test('carries a reader of the built-in endpoint', async () => {
    const { eventHubsConnectionString, hostName } = scene.local
    const client = new EventHubConsumerClient(
      '$Default',
      eventHubsConnectionString.replace(/sb:\/\/[^/]+/, `sb://${hostName}`),
      {
        webSocketOptions: {
          webSocket: WebSocket,
          webSocketConstructorOptions: { agent: localAgent(scene.local) },
        },
      },
    )
    const reader = readEvents(client)
    await device.sendEvent(new Message('{"over":"WebSocket"}'))
    await expect
      .poll(() => reader.bodiesOf('Telemetry'), { timeout: 10_000 })
      .toContainEqual({ over: 'WebSocket' })
    await reader.close()
    await client.close()
  })

  function serviceOverWebSocket(): unknown {
    class LocalBase extends AmqpBase {
      override connect(config: Parameters<AmqpBase['connect']>[0], done: never): void {
        super.connect({ ...config, sslOptions: { agent: localAgent(scene.local) } as never }, done)
      }
    }
    class LocalAmqpWs extends Amqp {
      constructor(config: never) {
        super(config, new LocalBase(true))
      }

      protected override _getConnectionUri(): string {
        return AmqpWs.prototype['_getConnectionUri'].call(this)
      }
    }
    return LocalAmqpWs
  }
})
