import type { PendingMessage } from '../hub/cloud-to-device-message.ts'

/** A message in the queue of a device as plain JSON. */
export interface KeptMessage {
  readonly deviceId: string
  readonly pending: Omit<PendingMessage, 'message'>
  readonly message: Omit<PendingMessage['message'], 'body'>
  /** Base64. */
  readonly body: string
}

export function keptMessage(
  deviceId: string,
  { message: { body, ...message }, ...pending }: PendingMessage,
): KeptMessage {
  return { deviceId, pending, message, body: Buffer.from(body).toString('base64') }
}

export function pendingOf({ pending, message, body }: KeptMessage): PendingMessage {
  return { ...pending, message: { ...message, body: Buffer.from(body, 'base64') } }
}
