import type { Clock } from './clock.ts'
import type { DeviceRecord } from './device-record.ts'
import type { DeviceStore } from './device-store.ts'

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
  readonly #visible = new Map<string, DeviceRecord>()
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

  /** In order of creation. */
  records(): Iterable<DeviceRecord> {
    const horizon = this.#clock.now() - this.#lagMs
    const firstHidden = this.#pending.findIndex(({ at }) => at > horizon)
    const due = firstHidden === -1 ? this.#pending : this.#pending.slice(0, firstHidden)
    for (const change of due) this.#show(change)
    this.#pending = this.#pending.slice(due.length)
    return this.#visible.values()
  }

  #show({ deviceId, record }: Change): void {
    if (record) this.#visible.set(deviceId, record)
    else this.#visible.delete(deviceId)
  }
}
