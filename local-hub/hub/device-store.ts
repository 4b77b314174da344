import type { DeviceRecord } from './device-record.ts'

export type StoreListener = (deviceId: string, record: DeviceRecord | undefined) => void

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
    this.#devices.set(record.deviceId, record)
    this.#tell(record.deviceId, record)
  }

  delete(deviceId: string): void {
    this.#devices.delete(deviceId)
    this.#tell(deviceId, undefined)
  }

  /** Hears every change; `undefined` means deleted. */
  onChange(listener: StoreListener): void {
    this.#listeners.push(listener)
  }

  #tell(deviceId: string, record: DeviceRecord | undefined): void {
    for (const listener of this.#listeners) listener(deviceId, record)
  }
}
