import type { CancelTimer, Clock } from './clock.ts'
import { largestCloudToDevice, sizeOfMessage, wantsFeedback } from './cloud-to-device-message.ts'
import type { CloudToDeviceMessage, MessageOutcome, PendingMessage } from './cloud-to-device-message.ts'
import { CloudToDeviceQueue } from './cloud-to-device-queue.ts'
import type { EndedMessage, LockedMessage } from './cloud-to-device-queue.ts'
import type { DeviceStore } from './device-store.ts'
import { HubError, deviceNotFound } from './hub-error.ts'

/** How a device settles a message. */
export type Settlement = 'complete' | 'abandon' | 'reject'

/** A message that ended in a way that its sender wanted to hear of. */
export interface Feedback {
  readonly originalMessageId: string
  readonly outcome: MessageOutcome
  readonly deviceId: string
  readonly deviceGenerationId: string
  /** When the message ended; milliseconds since the epoch. */
  readonly at: number
}

/** What a hub with a memory keeps: a message as it is now, or `undefined` when it has ended. */
export interface QueueChange {
  readonly deviceId: string
  readonly sequenceNumber: number
  readonly pending: PendingMessage | undefined
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d */
const mostPending = 50
const usualTimeToLiveMs = 60 * 60 * 1000

/** How long a device that may not come back has for a message. */
export const usualLockMs = 60_000

interface Lane {
  readonly queue: CloudToDeviceQueue
  readonly listeners: Set<() => void>
  cancelTimer: CancelTimer | undefined
}

/** Cloud-to-device messages: a queue for each device, whatever the protocol that the device speaks. */
export class CloudToDevice {
  readonly #store: DeviceStore
  readonly #clock: Clock
  readonly #lanes = new Map<string, Lane>()
  readonly #feedbackListeners: ((feedback: Feedback) => void)[] = []
  readonly #changeListeners: ((change: QueueChange) => void)[] = []
  #lastSequence = 0

  constructor(store: DeviceStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    store.onChange((deviceId, record) => {
      if (!record) this.#forget(deviceId)
    })
  }

  /** Throws DeviceNotFound, MessageTooLarge, DeviceMaximumQueueDepthExceeded. */
  send(deviceId: string, message: CloudToDeviceMessage): PendingMessage {
    if (!this.#store.get(deviceId)) throw deviceNotFound(deviceId)
    if (sizeOfMessage(message) > largestCloudToDevice) {
      throw new HubError('MessageTooLarge', 'A cloud-to-device message should be at most 64 KB')
    }
    this.#settleDue(deviceId)
    if (this.count(deviceId) >= mostPending) {
      throw new HubError(
        'DeviceMaximumQueueDepthExceeded',
        `Device ${deviceId} has ${mostPending} messages in its queue already`,
      )
    }
    const enqueuedAt = this.#clock.now()
    this.#lastSequence += 1
    const pending: PendingMessage = {
      sequenceNumber: this.#lastSequence,
      enqueuedAt,
      expiresAt: message.expiresAt ?? enqueuedAt + usualTimeToLiveMs,
      deliveryCount: 0,
      message,
    }
    this.#add(deviceId, pending)
    this.#tell(deviceId, pending)
    return pending
  }

  /** Puts back what a hub with a memory has kept, in the order of the sequence numbers. */
  restore(deviceId: string, pending: PendingMessage): void {
    this.#lastSequence = Math.max(this.#lastSequence, pending.sequenceNumber)
    this.#add(deviceId, pending)
  }

  /** Messages that have not ended, received ones included. */
  count(deviceId: string): number {
    return this.#lanes.get(deviceId)?.queue.size ?? 0
  }

  /**
   * The next message, which the device then has until it settles it, or the lock ends: after a minute, or never
   * (`Infinity`) for a protocol that releases what a lost connection had.
   */
  lockNext(deviceId: string, lockMs = usualLockMs): LockedMessage | undefined {
    this.#settleDue(deviceId)
    const lane = this.#lanes.get(deviceId)
    const locked = lane?.queue.lockNext(this.#clock.now(), lockMs)
    if (!locked) return undefined
    this.#changed(deviceId, locked.pending.sequenceNumber, locked.pending)
    this.#schedule(deviceId)
    return locked
  }

  /** Throws DeviceMessageLockLost. */
  settle(deviceId: string, lockToken: string, settlement: Settlement): void {
    this.#settleDue(deviceId)
    if (settlement === 'abandon') return this.#abandon(deviceId, lockToken)
    const pending = this.#lanes.get(deviceId)?.queue.end(lockToken)
    if (!pending) throw lockLost()
    this.#end(deviceId, { pending, outcome: settlement === 'complete' ? 'Success' : 'Rejected' })
    this.#schedule(deviceId)
  }

  /** Settles for a protocol that has no word for a lost lock: one that is not good any more is ignored. */
  settleQuietly(deviceId: string, lockToken: string, settlement: Settlement): void {
    try {
      this.settle(deviceId, lockToken, settlement)
    } catch (error) {
      if (!(error instanceof HubError)) throw error
    }
  }

  /** Gives back what a connection that is gone has not settled. */
  release(deviceId: string, lockToken: string): void {
    this.settleQuietly(deviceId, lockToken, 'abandon')
  }

  /** Drops what no device has received; answers how many. Throws DeviceNotFound. */
  purge(deviceId: string): number {
    if (!this.#store.get(deviceId)) throw deviceNotFound(deviceId)
    const purged = this.#lanes.get(deviceId)?.queue.purge() ?? []
    for (const ended of purged) this.#end(deviceId, ended)
    this.#schedule(deviceId)
    return purged.length
  }

  /** Hears that there may be a message to receive; the answer ends that. */
  onAvailable(deviceId: string, listener: () => void): () => void {
    const { listeners } = this.#lane(deviceId)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      this.#tidy(deviceId)
    }
  }

  onFeedback(listener: (feedback: Feedback) => void): void {
    this.#feedbackListeners.push(listener)
  }

  onChange(listener: (change: QueueChange) => void): void {
    this.#changeListeners.push(listener)
  }

  #add(deviceId: string, pending: PendingMessage): void {
    this.#lane(deviceId).queue.add(pending)
    this.#schedule(deviceId)
  }

  #tell(deviceId: string, pending: PendingMessage): void {
    this.#changed(deviceId, pending.sequenceNumber, pending)
    for (const listener of [...(this.#lanes.get(deviceId)?.listeners ?? [])]) listener()
  }

  #abandon(deviceId: string, lockToken: string): void {
    const fate = this.#lanes.get(deviceId)?.queue.unlock(lockToken)
    if (!fate) throw lockLost()
    this.#schedule(deviceId)
    if ('outcome' in fate) this.#end(deviceId, fate)
    else this.#tell(deviceId, fate)
  }

  /** The timer may be late; whoever looks at the queue looks at it as it should be now. */
  #settleDue(deviceId: string): void {
    const lane = this.#lanes.get(deviceId)
    if (!lane) return
    const before = lane.queue.nextDueAt()
    if (before === undefined || before > this.#clock.now()) return
    for (const ended of lane.queue.settleDue(this.#clock.now())) this.#end(deviceId, ended)
    this.#schedule(deviceId)
  }

  #end(deviceId: string, { pending, outcome }: EndedMessage): void {
    const { messageId, acknowledgement } = pending.message
    this.#changed(deviceId, pending.sequenceNumber, undefined)
    const record = this.#store.get(deviceId)
    if (!record || !wantsFeedback(acknowledgement, outcome)) return
    const feedback: Feedback = {
      originalMessageId: messageId ?? '',
      outcome,
      deviceId,
      deviceGenerationId: record.generationId,
      at: this.#clock.now(),
    }
    for (const listener of this.#feedbackListeners) listener(feedback)
  }

  #changed(deviceId: string, sequenceNumber: number, pending: PendingMessage | undefined): void {
    for (const listener of this.#changeListeners) listener({ deviceId, sequenceNumber, pending })
    const record = this.#store.get(deviceId)
    const cloudToDeviceMessageCount = this.count(deviceId)
    if (!record || (record.cloudToDeviceMessageCount ?? 0) === cloudToDeviceMessageCount) return
    this.#store.put({ ...record, cloudToDeviceMessageCount })
  }

  #schedule(deviceId: string): void {
    const lane = this.#lanes.get(deviceId)
    if (!lane) return
    lane.cancelTimer?.()
    const dueAt = lane.queue.nextDueAt()
    lane.cancelTimer =
      dueAt === undefined
        ? undefined
        : this.#clock.after(dueAt - this.#clock.now(), () => this.#wake(deviceId))
    this.#tidy(deviceId)
  }

  #wake(deviceId: string): void {
    this.#settleDue(deviceId)
    this.#schedule(deviceId)
    // What was locked for too long can be received again.
    for (const listener of [...(this.#lanes.get(deviceId)?.listeners ?? [])]) listener()
  }

  #lane(deviceId: string): Lane {
    const lane = this.#lanes.get(deviceId) ?? {
      queue: new CloudToDeviceQueue(),
      listeners: new Set(),
      cancelTimer: undefined,
    }
    this.#lanes.set(deviceId, lane)
    return lane
  }

  #tidy(deviceId: string): void {
    const lane = this.#lanes.get(deviceId)
    if (lane?.queue.size === 0 && lane.listeners.size === 0) this.#lanes.delete(deviceId)
  }

  /** The messages of a device that is deleted go with it, and nobody is told. */
  #forget(deviceId: string): void {
    const lane = this.#lanes.get(deviceId)
    lane?.cancelTimer?.()
    this.#lanes.delete(deviceId)
    for (const { sequenceNumber } of lane?.queue.pending() ?? []) {
      this.#changed(deviceId, sequenceNumber, undefined)
    }
  }
}

function lockLost(): HubError {
  return new HubError('DeviceMessageLockLost', 'The message is locked no longer, or never was')
}
