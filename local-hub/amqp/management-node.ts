import type { Message, Receiver, Sender } from 'rhea'
import rhea from 'rhea'
import { HubError } from '../hub/hub-error.ts'
import { LinkRefusal, amqpErrorOf } from './amqp-error.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import type { Replies } from './claims-node.ts'
import { openReplies, replyAddress } from './claims-node.ts'
import { partitionOf } from './events-endpoint.ts'
import type { EventsEndpoint } from './events-endpoint.ts'
import { receiveMessages } from './incoming-link.ts'
import { textOf } from './message-parts.ts'

/** `$management`, where the hub answers. */
export function openManagementReplies(replies: Replies, peer: AmqpPeer, sender: Sender): OpenLink {
  const recheck = managementCheck(peer)
  recheck()
  return { ...openReplies(replies, peer, sender), recheck }
}

/** `$management`, where the client asks for the properties of the event hub and of its partitions. */
export function openManagement(replies: Replies, peer: AmqpPeer, receiver: Receiver): OpenLink {
  const recheck = managementCheck(peer)
  recheck()
  receiveMessages({
    ...peer,
    receiver,
    onMessage(message) {
      replies.get(receiver.session)?.send(answerManagement(peer.events, message))
    },
  })
  return { recheck }
}

function managementCheck({ claims, events }: AmqpPeer): () => void {
  return () => {
    claims.assertEvents(`${events.name}/$management`)
  }
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-management-libraries: what the SDKs ask for. */
function answerManagement(events: EventsEndpoint, message: Message): Message {
  try {
    return reply(message, propertiesAskedFor(events, message))
  } catch (error) {
    if (!(error instanceof HubError || error instanceof LinkRefusal)) throw error
    const { condition, description } = amqpErrorOf(error)
    const refusal = { 'status-code': 400, 'status-description': description, 'error-condition': condition }
    return { ...reply(message, ''), application_properties: refusal }
  }
}

function propertiesAskedFor(events: EventsEndpoint, message: Message): Record<string, unknown> {
  const { operation, type, name, partition } = (message.application_properties ?? {}) as Record<
    string,
    unknown
  >
  if (operation !== 'READ') throw new HubError('NotImplemented', 'The only operation is READ')
  if (textOf(name)?.toLowerCase() !== events.name.toLowerCase()) {
    throw new LinkRefusal('amqp:not-found', `There is no event hub '${textOf(name) ?? ''}'`)
  }
  switch (type) {
    case 'com.microsoft:eventhub':
      return eventHubOf(events)
    case 'com.microsoft:partition':
      return partitionInfo(events, textOf(partition) ?? '')
    default:
      throw new HubError('NotImplemented', 'The types are com.microsoft:eventhub and com.microsoft:partition')
  }
}

function reply(message: Message, body: unknown): Message {
  return {
    ...replyAddress(message),
    application_properties: { 'status-code': 200, 'status-description': 'OK' },
    body,
  }
}

function eventHubOf({ name, log }: EventsEndpoint): Record<string, unknown> {
  return {
    name,
    type: 'com.microsoft:eventhub',
    created_at: rhea.types.wrap_timestamp(log.createdAt),
    partition_count: log.partitions.length,
    partition_ids: log.partitions.map(({ id }) => id),
    georeplication_factor: 1,
  }
}

function partitionInfo(events: EventsEndpoint, partitionId: string): Record<string, unknown> {
  const partition = partitionOf(events, { entity: events.name, consumerGroup: '$Default', partitionId })
  const { beginningSequenceNumber, lastSequenceNumber, lastOffset, lastEnqueuedAt } = partition.state()
  return {
    name: events.name,
    type: 'com.microsoft:partition',
    partition: partitionId,
    begin_sequence_number: rhea.types.wrap_long(beginningSequenceNumber),
    last_enqueued_sequence_number: rhea.types.wrap_long(lastSequenceNumber),
    last_enqueued_offset: String(lastOffset),
    last_enqueued_time_utc: rhea.types.wrap_timestamp(lastEnqueuedAt ?? 0),
    is_partition_empty: lastEnqueuedAt === undefined,
  }
}
