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

/**
 * The devices as queries see them: `lagMs` behind the registry, because on IoT Hub query results lag the twin.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#query-limitations
 */
export class QueryView {
  readonly #visible = new Map<string, TwinRowDraft>()
  #rows: readonly TwinRow[] | undefined
  #pending: Change[] = []
  readonly #clock: Clock
  readonly #lagMs: number

  constructor(store: DeviceStore, clock: Clock, lagMs: number) {
    this.#clock = clock
    this.#lagMs = lagMs
    store.onChange((deviceId, record) => {
      const change = { at: clock.now(), deviceId, record }
      if (lagMs === 0) this.#show(change)
      else this.#pending.push(change)
    })
  }

  /** In order of creation, valid until the next change. */
  rows(): readonly TwinRow[] {
    const horizon = this.#clock.now() - this.#lagMs
    const firstHidden = this.#pending.findIndex(({ at }) => at > horizon)
    const due = firstHidden === -1 ? this.#pending : this.#pending.slice(0, firstHidden)
    for (const change of due) this.#show(change)
    this.#pending = this.#pending.slice(due.length)
    this.#rows ??= [...this.#visible.values()]
    return this.#rows
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
