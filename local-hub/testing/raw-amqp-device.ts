import { once } from 'node:events'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import rhea from 'rhea'
import type { Connection, ConnectionOptions, Message, Receiver, Sender } from 'rhea'
import type { LocalHub } from '../local-hub.ts'
import { sas } from './raw-device.ts'

/** A device that has said who it is over AMQP and sends telemetry, and can be made to say what no SDK would say. */
export interface RawAmqpDevice {
  readonly connection: Connection
  readonly claims: Sender
  readonly telemetry: Sender
  /** Of `$cbs`. */
  readonly answers: Receiver
  /** All that the client has sent. */
  readonly bytes: () => Buffer
  /** Ends the connection without a word. */
  abort(): Promise<void>
  /** Says goodbye first. */
  close(): Promise<void>
  putToken(): Promise<void>
  sendTelemetry(): Promise<void>
}

/** Creates the device, too. Throws when the hub hangs up. */
export async function openRawAmqpDevice(
  hub: LocalHub,
  deviceId: string,
  options: Partial<ConnectionOptions> = {},
): Promise<RawAmqpDevice> {
  const key = /SharedAccessKey=([^;]*)/.exec(await hub.createDevice(deviceId))?.[1] ?? ''
  const resource = `${hub.hostName}/devices/${deviceId}`
  const chunks: Buffer[] = []
  const connection = connectRhea(hub, chunks, options)
  const claims = connection.open_sender('$cbs')
  const answers = connection.open_receiver('$cbs')
  const hungUpOn = once(connection, 'disconnected').then(() => {
    throw new Error('The hub hung up.')
  })
  await Promise.race([once(claims, 'sendable'), hungUpOn])
  const putToken = async () => {
    const answered = once(answers, 'message')
    claims.send(tokenMessage(resource, sas(resource, key, Date.parse('2100-01-01'))))
    await answered
  }
  await putToken()
  const telemetry = connection.open_sender(`/devices/${deviceId}/messages/events`)
  connection.open_receiver(`/devices/${deviceId}/messages/devicebound`)
  await once(telemetry, 'sendable')
  const bytes = () => Buffer.concat(chunks)
  const sendTelemetry = async () => {
    const accepted = once(telemetry, 'accepted')
    telemetry.send({ body: '{}', application_properties: { level: 'hot' } })
    await accepted
  }
  return { connection, claims, answers, telemetry, bytes, putToken, sendTelemetry, ...leaving(connection) }
}

function leaving(connection: Connection): Pick<RawAmqpDevice, 'abort' | 'close'> {
  return {
    async abort() {
      const { socket } = connection as unknown as { socket: TLSSocket }
      socket.destroy()
      await once(socket, 'close')
    },
    async close() {
      const closed = once(connection, 'connection_close')
      connection.close()
      await closed
    },
  }
}

function tokenMessage(audience: string, token: string): Message {
  const properties = { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: audience }
  return { message_id: '1', reply_to: 'cbs', application_properties: properties, body: token }
}

function connectRhea(hub: LocalHub, chunks: Buffer[], options: Partial<ConnectionOptions>): Connection {
  const container = rhea.create_container()
  for (const event of ['disconnected', 'error', 'sender_error', 'receiver_error', 'protocol_error']) {
    container.on(event, () => undefined)
  }
  return container.connect({
    reconnect: false,
    ...options,
    connection_details: () => ({
      host: 'localhost',
      port: hub.amqpsPort,
      // eslint-disable-next-line max-params -- as rhea calls it
      connect: (_port: number, _host: string, _options: unknown, done: () => void) => {
        const socket = connect({ port: hub.amqpsPort, servername: 'localhost', ca: hub.caCertificate }, done)
        const write = socket.write.bind(socket)
        socket.write = (bytes: Buffer) => {
          chunks.push(Buffer.from(bytes))
          return write(bytes)
        }
        return socket
      },
    }),
  } as never)
}

/** Sends the bytes, hangs up, and waits until the hub has done so, too. */
export async function sayAndLeave(hub: LocalHub, bytes: Buffer): Promise<void> {
  const { socket, closed } = await openSocket(hub)
  socket.end(bytes)
  await closed
}

/** Sends the bytes and waits until the hub hangs up. */
export async function sayUntilHungUpOn(hub: LocalHub, bytes: Buffer): Promise<void> {
  const { socket, closed } = await openSocket(hub)
  socket.write(bytes)
  await closed
}

async function openSocket(hub: LocalHub): Promise<{ socket: TLSSocket; closed: Promise<unknown> }> {
  const socket = connect({ port: hub.amqpsPort, servername: 'localhost', ca: hub.caCertificate })
  socket.on('error', () => undefined)
  socket.resume()
  const closed = once(socket, 'close')
  await once(socket, 'secureConnect')
  return { socket, closed }
}
