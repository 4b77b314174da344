import { HubError } from './hub-error.ts'

/** What the back end wants to be told about. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d */
export type Acknowledgement = 'none' | 'positive' | 'negative' | 'full'

/** A message to a device, as the back end sent it. */
export interface CloudToDeviceMessage {
  readonly messageId: string | undefined
  readonly correlationId: string | undefined
  readonly userId: string | undefined
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
  readonly acknowledgement: Acknowledgement
  /** Milliseconds since the epoch; `undefined` for the hub's own time to live. */
  readonly expiresAt: number | undefined
  readonly properties: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A message in the queue of a device. Replaced, never changed. */
export interface PendingMessage {
  /** Order in the queue; unique in the hub. */
  readonly sequenceNumber: number
  readonly enqueuedAt: number
  readonly expiresAt: number
  /** How often the device has received it. */
  readonly deliveryCount: number
  readonly message: CloudToDeviceMessage
}

/** How a message ends, in the words of the feedback. */
export type MessageOutcome = 'Success' | 'Expired' | 'DeliveryCountExceeded' | 'Rejected' | 'Purged'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling: 64 KB, properties included. */
export const largestCloudToDevice = 64 * 1024

const acknowledgements: readonly string[] = ['none', 'positive', 'negative', 'full']

/** Throws ArgumentInvalid; absent means `none`. */
export function parseAcknowledgement(value: string | undefined): Acknowledgement {
  if (value === undefined || value === '') return 'none'
  if (acknowledgements.includes(value)) return value as Acknowledgement
  throw new HubError('ArgumentInvalid', 'iothub-ack should be none, positive, negative or full')
}

/** Bytes of the body and of the names and values of all properties. */
export function sizeOfMessage({ properties, body, ...system }: CloudToDeviceMessage): number {
  const texts = [
    system.messageId,
    system.correlationId,
    system.userId,
    system.contentType,
    system.contentEncoding,
  ]
  const named = Object.entries(properties).flat()
  return [...texts, ...named].reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), body.byteLength)
}

/** Whether the back end asked to hear of this outcome. */
export function wantsFeedback(acknowledgement: Acknowledgement, outcome: MessageOutcome): boolean {
  if (acknowledgement === 'full') return true
  return acknowledgement === (outcome === 'Success' ? 'positive' : 'negative')
}
