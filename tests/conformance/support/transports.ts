import { Agent } from 'node:https'
import { Client } from 'azure-iot-device'
import type { DeviceClientOptions } from 'azure-iot-device'
import { Http } from 'azure-iot-device-http'
import { MqttWs } from 'azure-iot-device-mqtt'
import type { Target } from './target.ts'

/** What reaches the HTTPS port of the target, whatever host name the SDK asks for. */
export function hubAgent(
  target: Target,
  hostName: string,
  certificate: { cert?: string; key?: string } = {},
): Agent {
  const { local } = target
  const place = local
    ? { host: '127.0.0.1', port: local.httpsPort, servername: hostName, ca: local.caCertificate }
    : {}
  return new Agent({ keepAlive: false, ...place, ...certificate })
}

/** A device of the SDK on MQTT over WebSocket, connected. */
export async function openWebSocketDevice(
  target: Target,
  connectionString: string,
  certificate: { cert?: string; key?: string } = {},
): Promise<Client> {
  // The gateway of the connection string has a port, which the SDK would put into the URL of the WebSocket.
  const direct = connectionString.replace(/;GatewayHostName=[^;]*/, '')
  const hostName = /HostName=([^;]*)/.exec(direct)?.[1] ?? ''
  const client = Client.fromConnectionString(direct, MqttWs)
  const options: DeviceClientOptions = {
    ...certificate,
    mqtt: { webSocketAgent: hubAgent(target, hostName, certificate) },
  }
  await client.setOptions(options)
  await client.open()
  return client
}

/** A device of the SDK over HTTPS, which has no connection to open. */
export async function openHttpsDevice(target: Target, connectionString: string): Promise<Client> {
  const direct = connectionString.replace(/;GatewayHostName=[^;]*/, '')
  const hostName = /HostName=([^;]*)/.exec(direct)?.[1] ?? ''
  const client = Client.fromConnectionString(direct, Http)
  // Without a policy for receiving the SDK would never say that the options are set.
  await client.setOptions({
    http: { agent: hubAgent(target, hostName), receivePolicy: { manualPolling: true } },
  })
  return client
}
