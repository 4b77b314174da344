import { LinkRefusal } from './amqp-error.ts'

/** Somebody who reads a partition for a consumer group. */
export interface PartitionReader {
  /** The reader with the highest reads alone; `undefined` shares. */
  readonly ownerLevel: number | undefined
  /** Hears that somebody of a higher owner level has come. */
  readonly onStolen: () => void
}

/** https://learn.microsoft.com/azure/event-hubs/event-hubs-quotas: of one partition and consumer group. */
const mostReaders = 5

/** Who reads what: owner levels, and how many may read at once. */
export class PartitionReaders {
  readonly #readers = new Map<string, Set<PartitionReader>>()

  /** Answers a function that ends the reading; throws LinkRefusal for too low a level, and for one reader too many. */
  add(place: string, reader: PartitionReader): () => void {
    const present = this.#readers.get(place) ?? new Set<PartitionReader>()
    const level = reader.ownerLevel ?? -1
    const owners = [...present].filter(({ ownerLevel }) => ownerLevel !== undefined)
    if (owners.some(({ ownerLevel = -1 }) => ownerLevel > level)) {
      throw new LinkRefusal('amqp:link:stolen', 'A receiver with a higher owner level reads this partition')
    }
    // With the same level the newer one wins, as it does with a higher one.
    const stolen = reader.ownerLevel === undefined ? owners : [...present]
    if (stolen.length === 0 && present.size >= mostReaders) {
      throw new LinkRefusal(
        'amqp:resource-limit-exceeded',
        `At most ${mostReaders} receivers may read a partition`,
      )
    }
    this.#readers.set(place, present.add(reader))
    for (const older of stolen) {
      present.delete(older)
      older.onStolen()
    }
    return () => {
      present.delete(reader)
      if (present.size === 0) this.#readers.delete(place)
    }
  }
}
