import { Message } from 'azure-iot-device'
import type { Client as DeviceClient } from 'azure-iot-device'
import type { Client } from 'azure-iothub'

/** Messages as the device receives them; each waits for `settle`, where the transport can wait. */
export interface Inbox {
  readonly messages: readonly Message[]
  /** The ids of all, in order, each as often as it came. */
  readonly ids: readonly string[]
  /** Settles the message that came at this place. */
  settle(place: number, how: 'complete' | 'abandon' | 'reject'): Promise<void>
}

export function receiveMessages(client: DeviceClient): Inbox {
  const messages: Message[] = []
  client.on('message', (message: Message) => messages.push(message))
  return {
    messages,
    get ids() {
      return messages.map(({ messageId }) => messageId)
    },
    async settle(place, how) {
      const message = messages[place]
      if (!message) throw new Error(`There is no message at ${place}.`)
      await client[how](message)
    },
  }
}

export interface MessageParts {
  readonly id: string
  readonly body?: string
  readonly ack?: 'none' | 'positive' | 'negative' | 'full'
  readonly expiresAt?: number
  readonly properties?: Readonly<Record<string, string>>
}

export async function send(client: Client, deviceId: string, parts: MessageParts): Promise<void> {
  const message = new Message(parts.body ?? 'hello')
  message.messageId = parts.id
  message.ack = parts.ack ?? 'none'
  if (parts.expiresAt !== undefined) message.expiryTimeUtc = parts.expiresAt
  for (const [name, value] of Object.entries(parts.properties ?? {})) message.properties.add(name, value)
  // The service SDK has a class of its own that is the same.
  await client.send(deviceId, message as never)
}

export interface FeedbackRecord {
  readonly originalMessageId: string
  readonly statusCode: string
  readonly deviceId: string
  readonly deviceGenerationId: string
  readonly description: string
  readonly enqueuedTimeUtc: string
  /** The message that brought it, as AMQP has it. */
  readonly carrier: FeedbackMessage['transportObj']
}

interface FeedbackMessage {
  readonly transportObj: {
    readonly user_id?: Buffer
    readonly content_type?: string
    readonly message_annotations?: Readonly<Record<string, unknown>>
  }
  getData(): Buffer | string
}

interface FeedbackReceiver {
  on(event: 'message', listener: (message: FeedbackMessage) => void): void
  complete(message: unknown): Promise<unknown>
}

/** Feedback as it comes, each batch completed. */
export async function receiveFeedback(client: Client): Promise<readonly FeedbackRecord[]> {
  const records: FeedbackRecord[] = []
  const receiver = await new Promise<FeedbackReceiver>((resolve, reject) => {
    client.getFeedbackReceiver((error, opened) => {
      if (error) reject(error)
      else resolve(opened as unknown as FeedbackReceiver)
    })
  })
  receiver.on('message', (message) => {
    const carried = JSON.parse(String(message.getData())) as Omit<FeedbackRecord, 'carrier'>[]
    records.push(...carried.map((record) => ({ ...record, carrier: message.transportObj })))
    void receiver.complete(message)
  })
  return records
}
