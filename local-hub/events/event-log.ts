import type { Clock } from '../hub/clock.ts'
import type { HubEvent, LoggedEvent } from './hub-event.ts'
import { Partition } from './partition.ts'
import type { Retention } from './partition.ts'

export interface EventLogOptions {
  readonly clock: Clock
  /** 4, as on a new hub. */
  readonly partitionCount?: number
  /** Of each partition. */
  readonly retention?: Retention
}

const usualPartitionCount = 4
const usualRetention: Retention = { count: 10_000, bytes: 8 * 1024 * 1024 }

/**
 * The built-in event stream of the hub: all events of one device are in one partition, in order. It
 * keeps what there is room for instead of what is a day old.
 */
export class EventLog {
  readonly partitions: readonly Partition[]
  readonly createdAt: number
  readonly #clock: Clock

  constructor({ clock, partitionCount = usualPartitionCount, retention = usualRetention }: EventLogOptions) {
    this.#clock = clock
    this.createdAt = clock.now()
    this.partitions = Array.from({ length: partitionCount }, (_, id) => new Partition(String(id), retention))
  }

  append(event: HubEvent): LoggedEvent {
    const partition = this.partitions[hashOf(event.deviceId) % this.partitions.length]
    if (!partition) throw new RangeError('An event log has at least one partition.')
    return partition.append(event, this.#clock.now())
  }
}

/** FNV-1a over UTF-16: any hash will do, as long as a device keeps its partition. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
