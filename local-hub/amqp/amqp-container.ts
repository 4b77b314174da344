import rhea from 'rhea'
import type { Connection, ConnectionOptions, Container } from 'rhea'
import type { AmqpStream } from './amqp-stream.ts'
import { guardProtocol } from './protocol-guard.ts'

/** SASL PLAIN; the answer says whether the password is right. */
export type AcceptPlain = (user: string, password: string) => boolean

/** As IoT Hub says it. */
const connectionOptions = { max_frame_size: 64 * 1024, idle_time_out: 240_000 }

/**
 * A container for one connection, so that its listeners know whose events they hear. A client may do without SASL, say
 * ANONYMOUS and put a token, or say PLAIN with a token as password.
 */
export function newContainer(acceptPlain: AcceptPlain): Container {
  const container = rhea.create_container({
    // The hub settles what it was sent when it has it, and gives credit then.
    receiver_options: { autoaccept: false, credit_window: 0 },
  })
  const mechanisms = container.sasl_server_mechanisms as Mechanisms
  mechanisms.enable_anonymous()
  mechanisms.enable_plain(acceptPlain)
  return container
}

/** Lets rhea speak over the stream. */
export function acceptConnection(container: Container, stream: AmqpStream): Connection {
  const connection = container.create_connection(
    connectionOptions as ConnectionOptions,
  ) as AcceptingConnection
  guardProtocol(connection, () => {
    stream.end()
  })
  connection.accept(stream)
  return connection
}

interface Mechanisms {
  enable_anonymous(): void
  enable_plain(accept: AcceptPlain): void
}

/** What rhea's own servers call, and its types do not name. */
interface AcceptingConnection extends Connection {
  accept(stream: AmqpStream): void
}
