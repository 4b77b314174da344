import { Client as DeviceClient } from 'azure-iot-device'
import { AmqpWs as DeviceAmqpWs } from 'azure-iot-device-amqp'
import { Client } from 'azure-iothub'
import { Amqp } from 'azure-iothub/dist/amqp.js'
import { AmqpWs } from 'azure-iothub/dist/amqp_ws.js'
import { Amqp as AmqpBase } from 'azure-iothub/dist/common-amqp/amqp.js'
import type { Target } from './target.ts'
import { hubAgent } from './transports.ts'

/** A device of the SDK on AMQP over WebSocket, connected. */
export async function openAmqpWebSocketDevice(
  target: Target,
  connectionString: string,
): Promise<DeviceClient> {
  // The gateway of the connection string has a port, which the SDK would put into the URL of the WebSocket.
  const direct = connectionString.replace(/;GatewayHostName=[^;]*/, '')
  const client = DeviceClient.fromConnectionString(direct, DeviceAmqpWs)
  await client.setOptions({ amqp: { webSocketAgent: hubAgent(target, hostNameOf(direct)) } })
  await client.open()
  return client
}

/** A client of the service SDK on AMQP over WebSocket, which has no option for an agent. */
export function amqpWebSocketClient(target: Target): Client {
  const agent = hubAgent(target, hostNameOf(target.connectionString))
  class AgentBase extends AmqpBase {
    override connect(config: Parameters<AmqpBase['connect']>[0], done: never): void {
      super.connect({ ...config, sslOptions: { agent } as never }, done)
    }
  }
  class AgentAmqpWs extends Amqp {
    constructor(config: never) {
      super(config, new AgentBase(true))
    }

    protected override _getConnectionUri(): string {
      return AmqpWs.prototype['_getConnectionUri'].call(this)
    }
  }
  return Client.fromConnectionString(target.connectionString, AgentAmqpWs as never)
}

function hostNameOf(connectionString: string): string {
  return /HostName=([^;]*)/.exec(connectionString)?.[1] ?? ''
}
