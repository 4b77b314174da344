import type { Message, Receiver, Sender, Session } from 'rhea'
import { HubError } from '../hub/hub-error.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { receiveMessages } from './incoming-link.ts'
import { bodyOf, echoedIdOf, textOf } from './message-parts.ts'
import { QueuedLink } from './queued-link.ts'

/** What answers the requests of a session, once the client has opened the link for answers. */
export type Replies = WeakMap<Session, QueuedLink>

/** The answers of `$cbs`, and of `$management`. */
export function openReplies(replies: Replies, { guard }: AmqpPeer, sender: Sender): OpenLink {
  replies.set(sender.session, new QueuedLink(sender, guard))
  return { close: () => void replies.delete(sender.session) }
}

/** `$cbs`: claims-based security. https://learn.microsoft.com/azure/iot-hub/iot-hub-amqp-support */
export function openClaims(replies: Replies, peer: AmqpPeer, receiver: Receiver): OpenLink {
  receiveMessages({
    ...peer,
    receiver,
    onMessage(message) {
      const status = putToken(peer, message)
      replies.get(receiver.session)?.send(replyTo(message, status))
    },
  })
  return {}
}

interface Status {
  readonly code: number
  readonly description: string
}

function putToken(peer: AmqpPeer, message: Message): Status {
  try {
    const { operation, name, type } = (message.application_properties ?? {}) as Record<string, unknown>
    if (operation !== 'put-token') return { code: 400, description: 'The operation should be put-token' }
    const token = bodyOf(message).toString()
    peer.claims.put(textOf(name) ?? '', type === 'jwt' ? `Bearer ${token}` : token)
    peer.tokenPut()
    return { code: 200, description: 'OK' }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return { code: error.status, description: error.message }
  }
}

/** Whom an answer is for, and what it answers. Throws ArgumentInvalid. */
export function replyAddress({ message_id: messageId, reply_to: replyTo }: Message): Message {
  const [id, to] = [echoedIdOf(messageId), echoedIdOf(replyTo)]
  return {
    ...(id !== undefined && { correlation_id: id }),
    ...(to !== undefined && { to: String(to) }),
    body: undefined,
  }
}

function replyTo(message: Message, { code, description }: Status): Message {
  return {
    ...replyAddress(message),
    application_properties: { 'status-code': code, 'status-description': description },
  }
}
