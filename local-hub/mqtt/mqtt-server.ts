import { createServer } from 'node:tls'
import type { Server, TLSSocket } from 'node:tls'
import type { HubCertificate } from '../security/certificates.ts'
import { DeviceConnection } from './device-connection.ts'
import type { MqttContext } from './device-connection.ts'
import { Sessions } from './sessions.ts'
import { TakeoverLimit } from './takeover-limit.ts'

export interface MqttServerOptions extends Omit<MqttContext, 'sessions' | 'takeovers'> {
  readonly certificate: HubCertificate
}

export interface MqttServer {
  readonly server: Server
  /** Says goodbye to every device. */
  endConnections(): void
}

/** The device side of the hub: MQTT 3.1.1 over TLS. */
export function createMqttServer({ certificate, ...context }: MqttServerOptions): MqttServer {
  const sessions = new Sessions()
  const takeovers = new TakeoverLimit()
  const connections = new Set<DeviceConnection>()
  context.hub.store.onChange((deviceId, record) => {
    if (!record) sessions.delete(deviceId)
  })
  const server = createServer({ key: certificate.privateKey, cert: certificate.certificate })
  server.on('secureConnection', (socket: TLSSocket) => {
    const connection = new DeviceConnection(socket, { ...context, sessions, takeovers })
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  return {
    server,
    endConnections() {
      for (const connection of connections) connection.end()
    },
  }
}
