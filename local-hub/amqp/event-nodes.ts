import type { Message, Sender } from 'rhea'
import rhea from 'rhea'
import { startOf } from '../events/event-position.ts'
import type { Partition } from '../events/partition.ts'
import { meetLinkFault } from './amqp-faults.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { eventMessage } from './event-message.ts'
import { partitionOf } from './events-endpoint.ts'
import type { PartitionAddress } from './link-address.ts'
import { OutgoingLink } from './outgoing-link.ts'
import { textOf } from './message-parts.ts'

const selectorFilter = 'apache.org:selector-filter:string'
const ownerLevelProperty = 'com.microsoft:epoch'
const runtimeMetrics = 'com.microsoft:enable-receiver-runtime-metric'

/** A receiver that somebody of a higher owner level has replaced is told so, in words that SDKs know. */
const stolen = {
  condition: 'amqp:link:stolen',
  description: 'A receiver with a higher owner level has come.',
}

/** `/messages/events`: where the events really are. */
export function redirectToEvents({ claims, events }: AmqpPeer, sender: Sender): OpenLink {
  claims.assertService('/messages/events')
  const { host, port } = events.address()
  const address = `amqps://${host}:${port}/${events.name}/$management`
  const info = { hostname: host, 'network-host': host, port: rhea.types.wrap_uint(port), address }
  sender.close({ condition: 'amqp:link:redirect', description: `The events are at ${address}.`, info })
  return {}
}

/** `{event hub}/ConsumerGroups/{group}/Partitions/{id}`. */
export function openPartition(peer: AmqpPeer, sender: Sender, address: PartitionAddress): OpenLink {
  const { claims, events, guard } = peer
  const recheck = () => {
    claims.assertEvents(pathOf(address))
  }
  recheck()
  meetLinkFault(peer, { operation: 'events', deviceId: undefined, methodName: undefined })
  const partition = partitionOf(events, address)
  const reader = readerOf(sender, partition)
  const leave = events.readers.add(`${address.consumerGroup.toLowerCase()}/${partition.id}`, {
    ownerLevel: ownerLevelOf(sender),
    onStolen() {
      sender.close(stolen)
    },
  })
  const link = new OutgoingLink({ sender, guard, next: reader })
  const stop = partition.onAppend(() => {
    guard(() => {
      link.wake()
    })
  })
  return {
    recheck,
    close() {
      stop()
      leave()
    },
  }
}

/** Answers event after event; one that was dropped before it was read is skipped. */
function readerOf(sender: Sender, partition: Partition): () => { message: Message } | undefined {
  const wantsMetrics = [sender.desired_capabilities].flat().includes(runtimeMetrics)
  let position = startOf(partition, selectorOf(sender))
  return () => {
    position = Math.max(position, partition.firstSequenceNumber)
    const logged = partition.at(position)
    if (!logged) return undefined
    position += 1
    const message = eventMessage(logged)
    return { message: wantsMetrics ? { ...message, delivery_annotations: metricsOf(partition) } : message }
  }
}

function pathOf({ entity, consumerGroup, partitionId }: PartitionAddress): string {
  return `${entity}/ConsumerGroups/${consumerGroup}/Partitions/${partitionId}`
}

/** The value of a filter is described, and rhea leaves it so. */
function selectorOf({ source }: Sender): string | undefined {
  const filter: unknown = source.filter?.[selectorFilter]
  if (typeof filter === 'object' && filter !== null && 'value' in filter) return textOf(filter.value)
  return textOf(filter)
}

function ownerLevelOf({ properties }: Sender): number | undefined {
  const level: unknown = (properties as Record<string, unknown> | undefined)?.[ownerLevelProperty]
  return typeof level === 'number' ? level : undefined
}

function metricsOf(partition: Partition): Record<string, unknown> {
  const { lastSequenceNumber, lastOffset, lastEnqueuedAt = 0 } = partition.state()
  return {
    last_enqueued_sequence_number: rhea.types.wrap_long(lastSequenceNumber),
    last_enqueued_offset: String(lastOffset),
    last_enqueued_time_utc: rhea.types.wrap_timestamp(lastEnqueuedAt),
    runtime_info_retrieval_time_utc: rhea.types.wrap_timestamp(Date.now()),
  }
}
