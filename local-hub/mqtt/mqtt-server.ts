import { createServer } from 'node:tls'
import type { Server, TLSSocket } from 'node:tls'
import { clientCertificateOf } from '../security/client-certificate.ts'
import { tlsOptionsOf } from '../security/tls-options.ts'
import type { ServerIdentity } from '../security/tls-options.ts'
import { DeviceConnection } from './device-connection.ts'
import type { MqttContext, MqttPeer } from './device-connection.ts'
import { TakeoverLimit } from './takeover-limit.ts'

export interface MqttServerOptions extends Omit<MqttContext, 'takeovers'>, ServerIdentity {}

export interface MqttServer {
  readonly server: Server
  /** Takes a client that came another way, such as over a WebSocket. */
  accept(peer: MqttPeer): void
  /** Says goodbye to every device. */
  endConnections(): void
}

/** The device side of the hub: MQTT 3.1.1 over TLS. */
export function createMqttServer({
  certificate,
  deviceAuthorities,
  ...context
}: MqttServerOptions): MqttServer {
  const takeovers = new TakeoverLimit()
  const connections = new Set<DeviceConnection>()
  const server = createServer(tlsOptionsOf({ certificate, deviceAuthorities }))
  server.on('secureConnection', (socket: TLSSocket) => {
    accept({ stream: socket, certificate: clientCertificateOf(socket) })
  })
  return {
    server,
    accept,
    endConnections() {
      for (const connection of connections) connection.end()
    },
  }

  function accept(peer: MqttPeer): void {
    const connection = new DeviceConnection(peer, { ...context, takeovers })
    connections.add(connection)
    peer.stream.once('close', () => connections.delete(connection))
  }
}
