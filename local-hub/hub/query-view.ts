import type { Clock } from './clock.ts'
import type { DeviceRecord } from './device-record.ts'
import type { DeviceStore } from './device-store.ts'
import type { JsonObject } from './json.ts'

/** A device in a query. Its tags are here too, because most filters read nothing else of most devices. */
export interface TwinRow {
  readonly sequence: number
  readonly tags: JsonObject
  readonly record: DeviceRecord
}

type TwinRowDraft = { -readonly [Key in keyof TwinRow]: TwinRow[Key] }

interface Change {
  readonly at: number
  readonly deviceId: string
  readonly record: DeviceRecord | undefined
}

/** Of the changes of one device within so small a part of the lag, only the last is kept. */
const slotsPerLag = 50

/**
 * The devices as queries see them: `lagMs` behind the registry, because on IoT Hub query results lag the twin.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#query-limitations
 */
export class QueryView {
  readonly #visible = new Map<string, TwinRowDraft>()
  #rows: readonly TwinRow[] | undefined
  /** In order of time, by device and slot. */
  readonly #pending = new Map<string, Change>()
  readonly #clock: Clock
  readonly #lagMs: number

  constructor(store: DeviceStore, clock: Clock, lagMs: number) {
    this.#clock = clock
    this.#lagMs = lagMs
    store.onChange((deviceId, record) => {
      const change = { at: clock.now(), deviceId, record }
      if (lagMs === 0) this.#show(change)
      else this.#keepPending(change)
    })
  }

  /** Changes that are not visible yet. */
  get pendingCount(): number {
    return this.#pending.size
  }

  /** Ends the lag of all changes until now. */
  showAll(): void {
    this.#showUntil(Infinity)
  }

  /** In order of creation, valid until the next change. */
  rows(): readonly TwinRow[] {
    this.#showUntil(this.#clock.now() - this.#lagMs)
    this.#rows ??= [...this.#visible.values()].sort((left, right) => left.sequence - right.sequence)
    return this.#rows
  }

  /** What is due is shown now and then although nobody asks, for what waits takes memory. */
  #keepPending(change: Change): void {
    const slot = Math.floor((change.at * slotsPerLag) / this.#lagMs)
    const key = `${slot} ${change.deviceId}`
    this.#pending.delete(key)
    this.#pending.set(key, change)
    this.#showUntil(change.at - this.#lagMs)
  }

  #showUntil(horizon: number): void {
    for (const [key, change] of this.#pending) {
      if (change.at > horizon) break
      this.#pending.delete(key)
      this.#show(change)
    }
  }

  /** A device that is known keeps its row, so that the list of rows stays good: most changes are of this kind. */
  #show({ deviceId, record }: Change): void {
    const row = this.#visible.get(deviceId)
    if (row && record?.sequence === row.sequence) {
      row.tags = record.twin.tags
      row.record = record
      return
    }
    this.#rows = undefined
    this.#visible.delete(deviceId)
    if (record) this.#visible.set(deviceId, { sequence: record.sequence, tags: record.twin.tags, record })
  }
}
