import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'
import type { Feedback } from './cloud-to-device.ts'

/** Feedback on its way to the back end, as one message. */
export interface FeedbackBatch {
  readonly lockToken: string
  readonly records: readonly Feedback[]
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d#message-feedback */
const largestBatch = 64
const timeToLiveMs = 60 * 60 * 1000

/** The oldest goes when nobody reads; a real hub has room for an hour of it. */
const mostRecords = 10_000

/** The feedback that no back end has taken yet, in the order in which it arose. */
export class FeedbackQueue {
  readonly #clock: Clock
  #waiting: Feedback[] = []
  readonly #locked = new Map<string, readonly Feedback[]>()
  readonly #listeners = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(feedback: Feedback): void {
    this.#waiting.push(feedback)
    if (this.#waiting.length > mostRecords) this.#waiting.shift()
    this.#tell()
  }

  /** What waits, at most 64 records; the receiver has it until it settles it. */
  lockBatch(): FeedbackBatch | undefined {
    const horizon = this.#clock.now() - timeToLiveMs
    this.#waiting = this.#waiting.filter(({ at }) => at > horizon)
    const records = this.#waiting.splice(0, largestBatch)
    if (records.length === 0) return undefined
    const lockToken = randomUUID()
    this.#locked.set(lockToken, records)
    return { lockToken, records }
  }

  /** The receiver has it for good, or does not want it. */
  end(lockToken: string): void {
    this.#locked.delete(lockToken)
  }

  /** The receiver gives it back, or is gone. */
  release(lockToken: string): void {
    const records = this.#locked.get(lockToken)
    if (!records) return
    this.#locked.delete(lockToken)
    this.#waiting.unshift(...records)
    this.#tell()
  }

  /** Hears that there may be something to take; the answer ends that. */
  onAvailable(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
