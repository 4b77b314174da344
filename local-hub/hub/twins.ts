import type { Clock } from './clock.ts'
import { changedTwin } from './changed-twin.ts'
import type { TwinChangeMode, WantedChange } from './changed-twin.ts'
import type { DeviceRecord, Twin } from './device-record.ts'
import type { DeviceStore } from './device-store.ts'
import { etagMatches, etagOfRevision } from './etag.ts'
import { HubError, deviceNotFound } from './hub-error.ts'
import type { JsonObject } from './json.ts'
import { mergeReported, replacementPatch } from './twin-document.ts'
import { assertSectionSize, assertTwinPatch } from './twin-limits.ts'

export interface TwinChangeRequest extends WantedChange {
  readonly ifMatch: string
}

/** Hears the patch of desired properties that a device should receive. */
export type DesiredListener = (deviceId: string, patch: JsonObject, version: number) => void

/** What has changed in a twin, after it has. */
export interface TwinChanged {
  readonly record: DeviceRecord
  readonly mode: TwinChangeMode
  readonly tags?: JsonObject
  readonly desired?: JsonObject
  readonly reported?: JsonObject
}

/** Device twins: changed by the back end (tags, desired) and by the device (reported). */
export class Twins {
  readonly #store: DeviceStore
  readonly #clock: Clock
  readonly #onDesired: DesiredListener
  readonly #listeners: ((changed: TwinChanged) => void)[] = []

  constructor(store: DeviceStore, clock: Clock, onDesired: DesiredListener) {
    this.#store = store
    this.#clock = clock
    this.#onDesired = onDesired
  }

  /** Throws DeviceNotFound, PreconditionFailed, or ArgumentInvalid when a limit is exceeded. */
  change(deviceId: string, { change, mode, ifMatch }: TwinChangeRequest): DeviceRecord {
    const record = this.#get(deviceId)
    if (!etagMatches(ifMatch, etagOfRevision(record.twin.revision))) {
      throw new HubError('PreconditionFailed', 'Precondition failed: The twin etag did not match.')
    }
    const changed = this.#put(record, changedTwin(record.twin, { change, mode }, this.#clock.now()))
    if (change.desired)
      this.#onDesired(deviceId, notification(record.twin, change.desired, mode), changed.twin.desired.version)
    this.#tell({ ...change, record: changed, mode })
    return changed
  }

  /** Merges what a device reports; answers the new version of its reported properties. */
  report(deviceId: string, patch: JsonObject): number {
    const record = this.#get(deviceId)
    assertTwinPatch(patch)
    const reported = mergeReported(record.twin.reported, patch, this.#clock.now())
    assertSectionSize('reported', reported.value)
    const changed = this.#put(record, { ...record.twin, version: record.twin.version + 1, reported })
    this.#tell({ record: changed, mode: 'patch', reported: patch })
    return reported.version
  }

  /** Hears of every change. */
  onChange(listener: (changed: TwinChanged) => void): void {
    this.#listeners.push(listener)
  }

  #tell(changed: TwinChanged): void {
    for (const listener of this.#listeners) listener(changed)
  }

  #get(deviceId: string): DeviceRecord {
    const record = this.#store.get(deviceId)
    if (!record) throw deviceNotFound(deviceId)
    return record
  }

  #put(record: DeviceRecord, twin: Twin): DeviceRecord {
    const changed = { ...record, twin }
    this.#store.put(changed)
    return changed
  }
}

function notification(before: Twin, desired: JsonObject, mode: TwinChangeMode): JsonObject {
  return mode === 'patch' ? desired : replacementPatch(before.desired.value, desired)
}
