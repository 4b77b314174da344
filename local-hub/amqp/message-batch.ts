import rhea from 'rhea'
import type { Message } from 'rhea'
import { HubError, invalid, notImplemented } from '../hub/hub-error.ts'
import { dataOf } from './message-parts.ts'

/** How Event Hubs, and IoT Hub with it, names a transfer whose data sections are messages of their own. */
const batchFormat = 0x80013700

/** As over HTTPS. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct */
const mostInBatch = 500
const largestBatch = 256 * 1024

/** The messages of a batch. Throws ArgumentInvalid, MessageTooLarge, NotImplemented. */
export function messagesOfBatch(bytes: Buffer, format: number | undefined): readonly Message[] {
  if (format !== batchFormat) throw notImplemented(`the message format ${format}`)
  if (bytes.length > largestBatch) throw new HubError('MessageTooLarge', 'A batch has at most 256 KB')
  const parts = dataOf(decode(bytes).body)
  if (!parts || parts.length === 0 || parts.length > mostInBatch) {
    throw invalid(`A batch has 1 to ${mostInBatch} messages`)
  }
  return parts.map(decode)
}

function decode(bytes: Buffer): Message {
  try {
    return rhea.message.decode(bytes) as unknown as Message
  } catch {
    throw invalid('A message of a batch should be a message')
  }
}
