import { once } from 'node:events'
import rhea from 'rhea'
import type { AmqpError, Connection, Delivery, EventContext, Message, Receiver, Sender } from 'rhea'
import type { HubAddress } from './hub-address.ts'

/** AMQP link by link, to ask for what no SDK would ask for. */
export interface RawAmqp {
  readonly connection: Connection
  /** The status that `$cbs` answers. */
  putToken(audience: string, token: string): Promise<number>
  /** How the hub answers a link: with its condition, or `undefined` when it is open. */
  refusalOfSender(address: string): Promise<AmqpError | undefined>
  refusalOfReceiver(address: string): Promise<AmqpError | undefined>
  /** The condition with which the hub rejects a message; `undefined` when it takes it. */
  send(address: string, message: Message): Promise<string | undefined>
  /** The same for messages in one transfer, in the format of Event Hubs. */
  sendBatch(address: string, messages: readonly Message[]): Promise<string | undefined>
  close(): void
}

type AmqpAddress = Pick<HubAddress, 'host' | 'hostName' | 'amqpsPort' | 'caCertificate'>

export async function openRawAmqp(
  hub: AmqpAddress,
  login: { username?: string; password?: string } = {},
): Promise<RawAmqp> {
  const container = rhea.create_container()
  for (const event of ['error', 'disconnected', 'connection_error', 'sender_error', 'receiver_error']) {
    container.on(event, () => undefined)
  }
  const connection = container.connect({
    transport: 'tls',
    host: hub.host ?? 'localhost',
    port: hub.amqpsPort,
    servername: hub.hostName,
    ...(hub.caCertificate !== undefined && { ca: hub.caCertificate }),
    reconnect: false,
    ...login,
  })
  const outcome = await firstOf(connection, ['connection_open', 'connection_error', 'disconnected'])
  if (outcome !== 'connection_open') throw new Error('The connection was refused.')

  const openSender = async (address: string) => {
    const sender = connection.open_sender({ target: { address }, name: `s-${address}-${Math.random()}` })
    return { sender, refusal: await refusalOf(sender, 'sender') }
  }
  const sendWith = async (address: string, send: (sender: Sender) => Delivery) => {
    const { sender, refusal } = await openSender(address)
    if (refusal) return refusal.condition
    if (!sender.sendable()) await once(sender, 'sendable')
    const settled = firstOf(sender, ['accepted', 'rejected'])
    const delivery = send(sender)
    if ((await settled) === 'accepted') return undefined
    return (delivery.remote_state as { error?: AmqpError } | undefined)?.error?.condition
  }
  return {
    connection,
    async putToken(audience, token) {
      const receiver = connection.open_receiver({
        source: { address: '$cbs' },
        name: `r-${Math.random()}`,
      })
      const { sender } = await openSender('$cbs')
      const answer = once(receiver, 'message') as Promise<[EventContext]>
      sender.send({
        message_id: 'put',
        reply_to: 'cbs',
        application_properties: {
          operation: 'put-token',
          type: 'servicebus.windows.net:sastoken',
          name: audience,
        },
        body: token,
      })
      const [{ message }] = await answer
      return (message?.application_properties as { 'status-code': number })['status-code']
    },
    refusalOfSender: async (address) => (await openSender(address)).refusal,
    refusalOfReceiver(address) {
      const receiver = connection.open_receiver({
        source: { address },
        name: `r-${address}-${Math.random()}`,
        // It asks for nothing but an answer, and would take from others what it received.
        credit_window: 0,
      })
      return refusalOf(receiver, 'receiver')
    },
    send: (address, message) => sendWith(address, (sender) => sender.send(message)),
    sendBatch(address, messages) {
      const parts = messages.map((message) => rhea.message.encode(message))
      const body: unknown = rhea.message.data_sections(parts)
      const bytes = rhea.message.encode({ body })
      return sendWith(address, (sender) => sender.send(bytes, undefined, 0x80013700))
    },
    close: () => {
      connection.close()
    },
  }
}

/** An answer comes as an open link, and a refusal as one that is closed at once. */
async function refusalOf(
  link: Sender | Receiver,
  kind: 'sender' | 'receiver',
): Promise<AmqpError | undefined> {
  if ((await firstOf(link, [`${kind}_open`, `${kind}_close`])) === `${kind}_open`) {
    const terminus = kind === 'sender' ? link.target : link.source
    // A link that is refused has no address, and its error is on its way.
    if ((terminus as { address?: string } | null)?.address) return undefined
    if (!link.error) await firstOf(link, [`${kind}_close`])
  }
  return link.error as AmqpError | undefined
}

/** The event that comes first. No listener stays, for rhea tells a connection only what no link listens to. */
async function firstOf(emitter: Connection | Sender | Receiver, events: readonly string[]): Promise<string> {
  const ending = new AbortController()
  const arrivals = events.map((event) => once(emitter, event, { signal: ending.signal }).then(() => event))
  const first = await Promise.race(arrivals)
  ending.abort()
  await Promise.allSettled(arrivals)
  return first
}
