import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { assertDeviceId } from './device-id.ts'
import type { DeviceRecord, DeviceStatus } from './device-record.ts'
import type { DeviceStore } from './device-store.ts'
import { etagMatches } from './etag.ts'
import { HubError, deviceNotFound } from './hub-error.ts'
import { completeCredentials, newEtag } from './identity-secrets.ts'
import type { NewCredentials } from './identity-secrets.ts'
import { newTwin } from './twin-document.ts'

/** What a client may say about a device; without credentials it gets keys. */
export interface DeviceSettings {
  readonly status: DeviceStatus
  readonly statusReason: string | undefined
  readonly credentials?: NewCredentials
}

export interface RegistryStatistics {
  readonly total: number
  readonly enabled: number
  readonly disabled: number
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling: one answer lists no more. */
const longestList = 1000

/** The identity registry. */
export class Registry {
  readonly #store: DeviceStore
  readonly #clock: Clock

  constructor(store: DeviceStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Throws DeviceNotFound. */
  get(deviceId: string): DeviceRecord {
    const record = this.#store.get(deviceId)
    if (!record) throw deviceNotFound(deviceId)
    return record
  }

  list(): readonly DeviceRecord[] {
    return Iterator.from(this.#store.all()).take(longestList).toArray()
  }

  statistics(): RegistryStatistics {
    const total = this.#store.size
    const disabled = Iterator.from(this.#store.all())
      .filter(({ status }) => status === 'disabled')
      .toArray().length
    return { total, enabled: total - disabled, disabled }
  }

  /** Throws ArgumentInvalid for a bad id, DeviceAlreadyExists. */
  create(deviceId: string, settings: DeviceSettings): DeviceRecord {
    assertDeviceId(deviceId)
    if (this.#store.get(deviceId)) {
      throw new HubError('DeviceAlreadyExists', `A device with ID '${deviceId}' is already registered.`)
    }
    const record: DeviceRecord = {
      deviceId,
      sequence: this.#store.nextSequence(),
      generationId: randomBytes(8).readBigUInt64BE().toString(),
      etag: newEtag(),
      status: settings.status,
      statusReason: settings.statusReason,
      statusUpdatedAt: undefined,
      credentials: completeCredentials(settings.credentials),
      connectionState: 'Disconnected',
      connectionStateUpdatedAt: undefined,
      lastActivityAt: undefined,
      twin: newTwin(this.#clock.now()),
    }
    this.#store.put(record)
    return record
  }

  /** Replaces what the client may say; as on IoT Hub, keys that are left out are generated anew. */
  update(deviceId: string, settings: DeviceSettings, ifMatch: string): DeviceRecord {
    const record = this.#matching(deviceId, ifMatch)
    const isNewStatus = settings.status !== record.status
    const updated: DeviceRecord = {
      ...record,
      etag: newEtag(),
      status: settings.status,
      statusReason: settings.statusReason,
      statusUpdatedAt: isNewStatus ? this.#clock.now() : record.statusUpdatedAt,
      credentials: completeCredentials(settings.credentials),
    }
    this.#store.put(updated)
    // Not `updated`: a device that is now disabled has been disconnected meanwhile.
    return this.get(deviceId)
  }

  delete(deviceId: string, ifMatch: string): void {
    this.#matching(deviceId, ifMatch)
    this.#store.delete(deviceId)
  }

  #matching(deviceId: string, ifMatch: string): DeviceRecord {
    const record = this.get(deviceId)
    if (!etagMatches(ifMatch, record.etag)) {
      throw new HubError('PreconditionFailed', 'Precondition failed: Device version did not match.')
    }
    return record
  }
}
