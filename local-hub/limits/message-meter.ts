import type { Clock } from '../hub/clock.ts'
import { HubError } from '../hub/hub-error.ts'
import { limitsOf } from './tier.ts'
import type { Tier } from './tier.ts'

/** What IoT Hub bills; registry operations are free. */
export const messageKinds = [
  'telemetry',
  'cloudToDevice',
  'directMethod',
  'twinRead',
  'twinUpdate',
  'desiredNotification',
  'query',
] as const

export type MessageKind = (typeof messageKinds)[number]

export interface MessageCounts {
  readonly total: number
  readonly byKind: Readonly<Record<MessageKind, number>>
  /** Since midnight UTC, when the quota begins anew. */
  readonly today: number
  /** `undefined` without a tier. */
  readonly quota: number | undefined
}

const dayMs = 24 * 60 * 60 * 1000

/** What is billed as one message on every tier but the free one; also on a hub without a tier. */
const usualBlockBytes = 4096

/**
 * Counts messages as they are billed.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-pricing
 */
export class MessageMeter {
  readonly #clock: Clock
  readonly #blockBytes: number
  readonly #quota: number | undefined
  readonly #counts = new Map<MessageKind, number>(messageKinds.map((kind) => [kind, 0]))
  #today = 0
  #day: number

  constructor(clock: Clock, tier: Tier | undefined) {
    const limits = tier && limitsOf(tier)
    this.#clock = clock
    this.#blockBytes = limits?.blockBytes ?? usualBlockBytes
    this.#quota = limits?.messagesPerDay
    this.#day = dayOf(clock.now())
  }

  /** One message for each started block of each part; a part without content is one, too. */
  charge(kind: MessageKind, ...partBytes: readonly number[]): void {
    this.#beginDay()
    const messages = partBytes.reduce((sum, bytes) => sum + this.#blocksOf(bytes), 0)
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + messages)
    this.#today += messages
  }

  /** What is billed as one message, whatever is in it. */
  isOneMessage(bytes: number): boolean {
    return bytes <= this.#blockBytes
  }

  /** Throws IotHubQuotaExceeded once the messages of the day are used up. */
  assertQuota(): void {
    this.#beginDay()
    if (this.#quota === undefined || this.#today < this.#quota) return
    throw new HubError(
      'IotHubQuotaExceeded',
      `Total number of messages exceeded the quota of ${this.#quota}.`,
    )
  }

  counts(): MessageCounts {
    this.#beginDay()
    const byKind = Object.fromEntries(this.#counts) as Record<MessageKind, number>
    const total = Object.values(byKind).reduce((sum, count) => sum + count, 0)
    return { total, byKind, today: this.#today, quota: this.#quota }
  }

  #blocksOf(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / this.#blockBytes))
  }

  #beginDay(): void {
    const day = dayOf(this.#clock.now())
    if (day === this.#day) return
    this.#day = day
    this.#today = 0
  }
}

function dayOf(now: number): number {
  return Math.floor(now / dayMs)
}
