import { createServer } from 'node:tls'
import type { Server, TLSSocket } from 'node:tls'
import { TakeoverLimit } from '../mqtt/takeover-limit.ts'
import { clientCertificateOf } from '../security/client-certificate.ts'
import { tlsOptionsOf } from '../security/tls-options.ts'
import type { ServerIdentity } from '../security/tls-options.ts'
import { AmqpConnection } from './amqp-connection.ts'
import type { AmqpClient } from './amqp-connection.ts'
import type { AmqpContext } from './amqp-peer.ts'
import { boundReader } from './bounded-reader.ts'

export interface AmqpServerOptions extends AmqpContext, ServerIdentity {}

export interface AmqpServer {
  readonly server: Server
  /** Takes a client that came another way, such as over a WebSocket. */
  accept(client: AmqpClient): void
  /** Says goodbye to every client. */
  endConnections(): void
}

/** AMQP 1.0 over TLS: back ends, devices, and the Event Hubs compatible endpoint, all on one port. */
export function createAmqpServer({
  certificate,
  deviceAuthorities,
  ...context
}: AmqpServerOptions): AmqpServer {
  boundReader()
  const takeovers = new TakeoverLimit()
  const connections = new Set<AmqpConnection>()
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

  function accept(client: AmqpClient): void {
    const connection = new AmqpConnection(client, { ...context, takeovers })
    connections.add(connection)
    client.stream.once('close', () => connections.delete(connection))
  }
}
