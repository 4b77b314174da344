import type { Server as HttpsServer } from 'node:https'
import type { Server } from 'node:tls'
import type { AmqpServer } from './amqp/amqp-server.ts'
import { close, listen, trackSockets } from './listen.ts'
import type { MqttServer } from './mqtt/mqtt-server.ts'

/** 0, the default, takes a free port. */
export interface WantedPorts {
  readonly httpsPort?: number
  readonly mqttsPort?: number
  readonly amqpsPort?: number
}

export type Ports = Required<WantedPorts>

export interface HubServers {
  readonly https: HttpsServer
  readonly mqtt: MqttServer
  readonly amqp: AmqpServer
}

export interface RunningServers {
  readonly ports: Ports
  /** Says goodbye to devices and clients and frees the ports. */
  stop(): Promise<void>
}

/** How long clients have to hang up when the hub stops. */
const goodbyeMs = 500

/** Throws PortUnavailable, and then listens on none of them. */
export async function startServers(
  { https, mqtt, amqp }: HubServers,
  { httpsPort = 0, mqttsPort = 0, amqpsPort = 0 }: WantedPorts,
): Promise<RunningServers> {
  const servers = [https, mqtt.server, amqp.server] as const
  const destroy = servers.map(trackSockets)
  const listening: Server[] = []
  try {
    const ports = {
      httpsPort: await start(https, httpsPort),
      mqttsPort: await start(mqtt.server, mqttsPort),
      amqpsPort: await start(amqp.server, amqpsPort),
    }
    return { ports, stop }
  } catch (error) {
    await Promise.all(listening.map(close))
    throw error
  }

  async function start(server: Server, port: number): Promise<number> {
    const got = await listen(server, port)
    listening.push(server)
    return got
  }

  async function stop(): Promise<void> {
    mqtt.endConnections()
    amqp.endConnections()
    https.closeAllConnections()
    const hangUp = setTimeout(() => {
      for (const destroySockets of destroy) destroySockets()
    }, goodbyeMs)
    await Promise.all(servers.map(close))
    clearTimeout(hangUp)
  }
}
