import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { firstTwin } from './changed-twin.ts'
import type { TwinChange } from './changed-twin.ts'
import { assertDeviceId } from './device-id.ts'
import type { DeviceRecord, DeviceStatus } from './device-record.ts'
import type { DeviceStore } from './device-store.ts'
import { etagMatches } from './etag.ts'
import { HubError, deviceNotFound, invalid } from './hub-error.ts'
import { completeCredentials, newEtag } from './identity-secrets.ts'
import type { NewCredentials } from './identity-secrets.ts'

/** What a client may say about a device; without credentials it gets keys. */
export interface DeviceSettings {
  readonly status: DeviceStatus
  readonly statusReason: string | undefined
  readonly credentials?: NewCredentials
}

export interface NewDevice extends DeviceSettings {
  /** What its twin holds from the beginning. */
  readonly twin?: TwinChange
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
  readonly #assertRoomForOne: () => void

  constructor(store: DeviceStore, clock: Clock, assertRoomForOne: () => void) {
    this.#store = store
    this.#clock = clock
    this.#assertRoomForOne = assertRoomForOne
  }

  /** Throws DeviceNotFound. */
  get(deviceId: string): DeviceRecord {
    const record = this.#store.get(deviceId)
    if (!record) throw deviceNotFound(deviceId)
    return record
  }

  /** In order of creation. Throws ArgumentInvalid for more than IoT Hub lists at once. */
  list(most = longestList): readonly DeviceRecord[] {
    if (most > longestList) throw invalid(`At most ${longestList} devices are listed`)
    return Iterator.from(this.#store.all()).take(most).toArray()
  }

  statistics(): RegistryStatistics {
    const total = this.#store.size
    const disabled = Iterator.from(this.#store.all())
      .filter(({ status }) => status === 'disabled')
      .toArray().length
    return { total, enabled: total - disabled, disabled }
  }

  /** Devices that are connected. */
  connectedCount(): number {
    return Iterator.from(this.#store.all())
      .filter(({ connectionState }) => connectionState === 'Connected')
      .reduce((count) => count + 1, 0)
  }

  /** Throws ArgumentInvalid for a bad id or twin, DeviceAlreadyExists, IotHubQuotaExceeded. */
  create(deviceId: string, settings: NewDevice): DeviceRecord {
    assertDeviceId(deviceId)
    if (this.#store.get(deviceId)) {
      throw new HubError('DeviceAlreadyExists', `A device with ID '${deviceId}' is already registered.`)
    }
    this.#assertRoomForOne()
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
      twin: firstTwin(this.#clock.now(), settings.twin),
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
