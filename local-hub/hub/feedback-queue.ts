import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { Feedback } from './cloud-to-device.ts'

/** Feedback on its way to the back end, as one message. */
export interface FeedbackBatch {
  readonly lockToken: string
  readonly records: readonly Feedback[]
}

/** A record of feedback with its place in the queue. */
export interface QueuedFeedback {
  readonly number: number
  readonly feedback: Feedback
}

/** A record that has come, or gone when its feedback is `undefined`. */
export interface FeedbackChange {
  readonly number: number
  readonly feedback: Feedback | undefined
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d#message-feedback */
const largestBatch = 64
const timeToLiveMs = 60 * 60 * 1000

/** The oldest goes when nobody reads; a real hub has room for an hour of it. */
const mostRecords = 10_000

/** The feedback that no back end has taken yet, in the order in which it arose. */
export class FeedbackQueue {
  readonly #clock: Clock
  #waiting: QueuedFeedback[] = []
  #nextNumber = 0
  readonly #locked = new Map<string, readonly QueuedFeedback[]>()
  readonly #listeners = new Set<() => void>()
  readonly #followers = new Set<(change: FeedbackChange) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(feedback: Feedback): void {
    const queued = { number: this.#nextNumber, feedback }
    this.#nextNumber += 1
    this.#waiting.push(queued)
    for (const follower of this.#followers) follower(queued)
    if (this.#waiting.length > mostRecords) this.#forget(this.#waiting.splice(0, 1))
    this.#tell()
  }

  /** Brings back what was kept, in its order, before anybody reads. */
  restore(records: readonly QueuedFeedback[]): void {
    this.#waiting.push(...records)
    this.#nextNumber = (records.at(-1)?.number ?? -1) + 1
  }

  /** What waits, at most 64 records; the receiver has it until it settles it. */
  lockBatch(): FeedbackBatch | undefined {
    this.#dropExpired()
    const queued = this.#waiting.splice(0, largestBatch)
    if (queued.length === 0) return undefined
    const lockToken = randomUUID()
    this.#locked.set(lockToken, queued)
    return { lockToken, records: queued.map(({ feedback }) => feedback) }
  }

  /** The receiver has it for good, or does not want it. */
  end(lockToken: string): void {
    this.#forget(this.#locked.get(lockToken) ?? [])
    this.#locked.delete(lockToken)
  }

  /** The receiver gives it back, or is gone. */
  release(lockToken: string): void {
    const queued = this.#locked.get(lockToken)
    if (!queued) return
    this.#locked.delete(lockToken)
    this.#waiting.unshift(...queued)
    this.#tell()
  }

  /** Hears that there may be something to take; the answer ends that. */
  onAvailable(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Hears of every record that comes, and of every one that goes; the answer ends that. */
  onChange(follower: (change: FeedbackChange) => void): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  #dropExpired(): void {
    const horizon = this.#clock.now() - timeToLiveMs
    const { gone = [], here = [] } = Object.groupBy(this.#waiting, ({ feedback }) =>
      feedback.at > horizon ? 'here' : 'gone',
    )
    this.#waiting = here
    this.#forget(gone)
  }

  #forget(records: readonly QueuedFeedback[]): void {
    for (const { number } of records)
      for (const follower of this.#followers) follower({ number, feedback: undefined })
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
