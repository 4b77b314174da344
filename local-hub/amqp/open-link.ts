import type { Receiver, Sender } from 'rhea'
import { notImplemented } from '../hub/hub-error.ts'
import { LinkRefusal } from './amqp-error.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { openClaims, openReplies } from './claims-node.ts'
import type { Replies } from './claims-node.ts'
import { openCloudToDevice, openFeedback } from './cloud-to-device-node.ts'
import { openDeviceBound } from './device-bound-node.ts'
import { openMethodAnswers, openMethodCalls, openTelemetry } from './device-nodes.ts'
import { openPartition, redirectToEvents } from './event-nodes.ts'
import { parseLinkAddress } from './link-address.ts'
import type { Node } from './link-address.ts'
import { openManagement, openManagementReplies } from './management-node.ts'
import { openTwinAnswers, openTwinRequests } from './twin-node.ts'

export interface ReplyLinks {
  readonly claims: Replies
  readonly management: Replies
}

/** A link on which the client sends. Throws HubError, LinkRefusal. */
export function openReceiver(peer: AmqpPeer, replies: ReplyLinks, receiver: Receiver): OpenLink {
  const node = nodeAt(receiver.target)
  switch (node.kind) {
    case 'claims':
      return openClaims(replies.claims, peer, receiver)
    case 'cloudToDevice':
      return openCloudToDevice(peer, receiver)
    case 'eventsManagement':
      return openManagement(replies.management, peer, receiver)
    case 'telemetry':
      return openTelemetry(peer, receiver, node.identity)
    case 'twin':
      return openTwinRequests(peer, receiver, node.identity)
    case 'methods':
      return openMethodAnswers(peer, receiver, node.identity)
    default:
      throw new LinkRefusal('amqp:not-allowed', 'This address is for receiving only')
  }
}

/** A link on which the hub sends. Throws HubError, LinkRefusal. */
export function openSender(peer: AmqpPeer, replies: ReplyLinks, sender: Sender): OpenLink {
  const node = nodeAt(sender.source)
  switch (node.kind) {
    case 'claims':
      return openReplies(replies.claims, peer, sender)
    case 'feedback':
      return openFeedback(peer, sender)
    case 'fileNotifications':
      peer.claims.assertService('/messages/servicebound/filenotifications')
      throw new LinkRefusal('amqp:not-found', 'File upload notifications are not configured on this hub')
    case 'eventsRedirect':
      return redirectToEvents(peer, sender)
    case 'eventsManagement':
      return openManagementReplies(replies.management, peer, sender)
    case 'eventsPartition':
      return openPartition(peer, sender, node.partition)
    default:
      return openDeviceSender(peer, sender, node)
  }
}

function openDeviceSender(peer: AmqpPeer, sender: Sender, node: Node): OpenLink {
  switch (node.kind) {
    case 'deviceBound':
      return openDeviceBound(peer, sender, node.identity)
    case 'twin':
      return openTwinAnswers(peer, sender, node.identity)
    case 'methods':
      return openMethodCalls(peer, sender, node.identity)
    default:
      throw new LinkRefusal('amqp:not-allowed', 'This address is for sending only')
  }
}

/** Throws NotImplemented, naming the address. */
function nodeAt(terminus: { readonly address?: unknown } | null): Node {
  const address = terminus?.address
  const text = typeof address === 'string' ? address : ''
  const node = parseLinkAddress(text)
  if (node) return node
  throw notImplemented(`the AMQP address ${JSON.stringify(text.slice(0, 200))}`)
}
