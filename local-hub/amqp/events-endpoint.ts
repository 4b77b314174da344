import type { EventLog } from '../events/event-log.ts'
import type { Partition } from '../events/partition.ts'
import { LinkRefusal } from './amqp-error.ts'
import type { PartitionAddress } from './link-address.ts'
import { PartitionReaders } from './partition-readers.ts'

/** The Event Hubs compatible endpoint of a hub. */
export interface EventsEndpoint {
  /** Name of the event hub: the `EntityPath` of a connection string. */
  readonly name: string
  readonly log: EventLog
  readonly readers: PartitionReaders
  /** Where a client is redirected to. */
  readonly address: () => { readonly host: string; readonly port: number }
  /** Whether there is a consumer group of this name; case does not matter. */
  hasConsumerGroup(name: string): boolean
}

export interface EventsEndpointOptions {
  readonly name: string
  readonly log: EventLog
  /** Besides `$Default`. */
  readonly consumerGroups: readonly string[]
  readonly address: EventsEndpoint['address']
}

export function createEventsEndpoint({ consumerGroups, ...rest }: EventsEndpointOptions): EventsEndpoint {
  const known = new Set(['$Default', ...consumerGroups].map((name) => name.toLowerCase()))
  const readers = new PartitionReaders()
  return { ...rest, readers, hasConsumerGroup: (name) => known.has(name.toLowerCase()) }
}

/** Throws RangeError for a name that Azure would refuse. */
export function checkConsumerGroups(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!/^[a-z0-9]([a-z0-9._-]{0,48}[a-z0-9])?$/i.test(name)) {
      throw new RangeError(`'${name}' is not a name for a consumer group.`)
    }
  }
  return names
}

/** Throws LinkRefusal. */
export function partitionOf(
  events: EventsEndpoint,
  { entity, consumerGroup, partitionId }: PartitionAddress,
): Partition {
  if (entity.toLowerCase() !== events.name.toLowerCase()) {
    throw new LinkRefusal('amqp:not-found', `There is no event hub '${entity}'`)
  }
  if (!events.hasConsumerGroup(consumerGroup)) {
    throw new LinkRefusal('amqp:not-found', `There is no consumer group '${consumerGroup}'`)
  }
  const partition = events.log.partitions.find(({ id }) => id === partitionId)
  if (partition) return partition
  throw new LinkRefusal('com.microsoft:argument-out-of-range', `There is no partition '${partitionId}'`)
}
