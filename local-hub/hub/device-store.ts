import type { DeviceRecord } from './device-record.ts'

/** No `record` means deleted, no `previous` created. */
export type StoreListener = (
  deviceId: string,
  record: DeviceRecord | undefined,
  previous: DeviceRecord | undefined,
) => void

/** The devices, in memory, in order of creation. */
export class DeviceStore {
  readonly #devices = new Map<string, DeviceRecord>()
  readonly #listeners: StoreListener[] = []
  #lastSequence = 0

  get size(): number {
    return this.#devices.size
  }

  get(deviceId: string): DeviceRecord | undefined {
    return this.#devices.get(deviceId)
  }

  all(): Iterable<DeviceRecord> {
    return this.#devices.values()
  }

  nextSequence(): number {
    this.#lastSequence += 1
    return this.#lastSequence
  }

  put(record: DeviceRecord): void {
    const previous = this.#devices.get(record.deviceId)
    this.#devices.set(record.deviceId, record)
    // A record that was kept from an earlier run brings its sequence along.
    this.#lastSequence = Math.max(this.#lastSequence, record.sequence)
    this.#tell(record.deviceId, record, previous)
  }

  delete(deviceId: string): void {
    const previous = this.#devices.get(deviceId)
    this.#devices.delete(deviceId)
    this.#tell(deviceId, undefined, previous)
  }

  /** Hears every change. */
  onChange(listener: StoreListener): void {
    this.#listeners.push(listener)
  }

  #tell(...change: Parameters<StoreListener>): void {
    for (const listener of this.#listeners) listener(...change)
  }
}
