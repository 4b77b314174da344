import type { HubEvent, LoggedEvent } from './hub-event.ts'
import { sizeOfEvent } from './hub-event.ts'

/** What a partition keeps; the oldest events go. */
export interface Retention {
  readonly count: number
  readonly bytes: number
}

/** What a client may ask about a partition. */
export interface PartitionState {
  readonly beginningSequenceNumber: number
  /** -1 while there is none. */
  readonly lastSequenceNumber: number
  /** -1 while there is none. */
  readonly lastOffset: number
  /** `undefined` while there is none. */
  readonly lastEnqueuedAt: number | undefined
}

/** An event that has come, or gone when it is `undefined`. */
export interface PartitionChange {
  readonly sequenceNumber: number
  readonly logged: LoggedEvent | undefined
}

/** What an entry costs besides its texts and its body, roughly. */
const entryBytes = 100

/** Events in the order of their arrival, as many as there is room for. */
export class Partition {
  readonly id: string
  readonly #retention: Retention
  readonly #listeners = new Set<() => void>()
  readonly #followers = new Set<(change: PartitionChange) => void>()
  /** The first of `#dropped` entries are gone; they are cut off in bulk, for cutting moves all others. */
  #events: (LoggedEvent | undefined)[] = []
  #dropped = 0
  #first = 0
  #bytes = 0
  #nextOffset = 0
  #last: LoggedEvent | undefined

  constructor(id: string, retention: Retention) {
    this.id = id
    this.#retention = retention
  }

  append(event: HubEvent, enqueuedAt: number): LoggedEvent {
    const logged = { event, sequenceNumber: this.#end, offset: this.#nextOffset, enqueuedAt }
    this.#add(logged)
    this.#tell({ sequenceNumber: logged.sequenceNumber, logged })
    this.#dropOldest()
    for (const listener of [...this.#listeners]) listener()
    return logged
  }

  /** Brings back what was kept, in its order, before anybody reads. */
  restore(events: readonly LoggedEvent[]): void {
    this.#first = events[0]?.sequenceNumber ?? 0
    for (const logged of events) {
      this.#nextOffset = logged.offset
      this.#add(logged)
    }
  }

  /** `undefined` for what is not there yet, or no longer; see `firstSequenceNumber`. */
  at(sequenceNumber: number): LoggedEvent | undefined {
    return this.#events[sequenceNumber - this.#first + this.#dropped]
  }

  /** Where the events begin that are still here. */
  get firstSequenceNumber(): number {
    return this.#first
  }

  /** The sequence number that the next event will have. */
  get nextSequenceNumber(): number {
    return this.#end
  }

  /** The first event that satisfies, which every later one does too; the next to come when there is none. */
  findFirst(isSatisfied: (event: LoggedEvent) => boolean): number {
    let [low, high] = [this.#first, this.#end]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const event = this.at(middle)
      if (event && isSatisfied(event)) high = middle
      else low = middle + 1
    }
    return low
  }

  state(): PartitionState {
    return {
      beginningSequenceNumber: this.#first,
      lastSequenceNumber: this.#last?.sequenceNumber ?? -1,
      lastOffset: this.#last?.offset ?? -1,
      lastEnqueuedAt: this.#last?.enqueuedAt,
    }
  }

  /** Hears of every event that comes, and of every one that goes; the answer ends that. */
  onChange(follower: (change: PartitionChange) => void): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** Hears of every event; the answer ends that. */
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get #end(): number {
    return this.#first + this.#events.length - this.#dropped
  }

  #add(logged: LoggedEvent): void {
    const bytes = sizeOfEvent(logged.event) + entryBytes
    this.#events.push(logged)
    this.#last = logged
    this.#nextOffset += bytes
    this.#bytes += bytes
  }

  #tell(change: PartitionChange): void {
    for (const follower of this.#followers) follower(change)
  }

  #dropOldest(): void {
    while (this.#isOverfull()) {
      const oldest = this.#events[this.#dropped]
      if (oldest) this.#bytes -= sizeOfEvent(oldest.event) + entryBytes
      this.#events[this.#dropped] = undefined
      this.#tell({ sequenceNumber: this.#first, logged: undefined })
      this.#dropped += 1
      this.#first += 1
    }
    if (this.#dropped < this.#events.length / 2) return
    this.#events = this.#events.slice(this.#dropped)
    this.#dropped = 0
  }

  #isOverfull(): boolean {
    const count = this.#events.length - this.#dropped
    return count > this.#retention.count || (this.#bytes > this.#retention.bytes && count > 1)
  }
}
