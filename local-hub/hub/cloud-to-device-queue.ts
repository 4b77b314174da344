import { randomUUID } from 'node:crypto'
import type { MessageOutcome, PendingMessage } from './cloud-to-device-message.ts'

/** A message that a device has received and not settled yet. */
export interface LockedMessage {
  readonly lockToken: string
  readonly pending: PendingMessage
}

export interface EndedMessage {
  readonly pending: PendingMessage
  readonly outcome: MessageOutcome
}

interface Entry {
  readonly pending: PendingMessage
  readonly lock: Lock | undefined
}

interface Lock {
  readonly token: string
  /** Infinity for a lock that lasts as long as the connection of the device. */
  readonly until: number
}

/** A message may be received so often. */
const mostDeliveries = 10

/**
 * The messages of one device, in the order in which they were sent: enqueued, invisible while the device has one, and
 * ended. Pure: the caller says what time it is.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d#the-cloud-to-device-message-life-cycle
 */
export class CloudToDeviceQueue {
  readonly #entries = new Map<number, Entry>()

  get size(): number {
    return this.#entries.size
  }

  /** In order of sequence number, whatever their state. */
  pending(): readonly PendingMessage[] {
    return [...this.#entries.values()].map(({ pending }) => pending)
  }

  add(pending: PendingMessage): void {
    this.#entries.set(pending.sequenceNumber, { pending, lock: undefined })
  }

  /** The first message that nobody has; it counts as received once more. */
  lockNext(now: number, lockMs: number): LockedMessage | undefined {
    const entry = Iterator.from(this.#entries.values()).find(({ lock }) => lock === undefined)
    if (!entry) return undefined
    const pending = { ...entry.pending, deliveryCount: entry.pending.deliveryCount + 1 }
    const lock = { token: randomUUID(), until: now + lockMs }
    this.#entries.set(pending.sequenceNumber, { pending, lock })
    return { lockToken: lock.token, pending }
  }

  /** Takes a locked message out; `undefined` when the lock is not, or no longer, good. */
  end(lockToken: string): PendingMessage | undefined {
    const entry = this.#locked(lockToken)
    if (entry) this.#entries.delete(entry.pending.sequenceNumber)
    return entry?.pending
  }

  /** Gives a locked message back to its old place. Answers what became of it; `undefined` when the lock is not good. */
  unlock(lockToken: string): PendingMessage | EndedMessage | undefined {
    const entry = this.#locked(lockToken)
    return entry && this.#giveBack(entry)
  }

  /** Takes out what has expired, and what was received too often; gives back what was locked too long. */
  settleDue(now: number): readonly EndedMessage[] {
    const ended: EndedMessage[] = []
    for (const entry of [...this.#entries.values()]) {
      if (entry.pending.expiresAt <= now) ended.push(this.#endAs(entry, 'Expired'))
      else if (entry.lock && entry.lock.until <= now) {
        const fate = this.#giveBack(entry)
        if ('outcome' in fate) ended.push(fate)
      }
    }
    return ended
  }

  /** When `settleDue` has something to do next; `undefined` when never. */
  nextDueAt(): number | undefined {
    const times = [...this.#entries.values()].map(({ pending, lock }) =>
      Math.min(pending.expiresAt, lock?.until ?? Infinity),
    )
    const next = Math.min(...times)
    return Number.isFinite(next) ? next : undefined
  }

  /** Takes out what nobody has received. */
  purge(): readonly EndedMessage[] {
    const waiting = [...this.#entries.values()].filter(({ lock }) => lock === undefined)
    return waiting.map((entry) => this.#endAs(entry, 'Purged'))
  }

  #giveBack(entry: Entry): PendingMessage | EndedMessage {
    if (entry.pending.deliveryCount >= mostDeliveries) return this.#endAs(entry, 'DeliveryCountExceeded')
    this.#entries.set(entry.pending.sequenceNumber, { pending: entry.pending, lock: undefined })
    return entry.pending
  }

  #endAs({ pending }: Entry, outcome: MessageOutcome): EndedMessage {
    this.#entries.delete(pending.sequenceNumber)
    return { pending, outcome }
  }

  #locked(lockToken: string): Entry | undefined {
    return Iterator.from(this.#entries.values()).find(({ lock }) => lock?.token === lockToken)
  }
}
