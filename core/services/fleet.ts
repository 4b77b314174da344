import type { DeviceRow, FleetChange, FleetState } from '../../contract/app/device.ts'
import type { DeviceId, HubId, TagPath } from '../../contract/app/ids.ts'
import { readReported } from '../../contract/device/reported.ts'
import {
  deviceRow,
  isNewer,
  isOutlived,
  type HubDevice,
  type QueryLag,
  type VersionedRow,
} from '../domain/device-row.ts'
import { textAt, type DeviceState, type DialectRules } from '../domain/dialects/dialect.ts'
import { recognise } from '../domain/dialects/recognise.ts'
import { Changes } from './changes.ts'
import { Signal } from './signal.ts'

/** One device as far as it is known. */
export interface KnownDevice extends VersionedRow {
  /** How it speaks; undefined for a device that has reported nothing which Drover recognises. */
  readonly dialect: DialectRules | undefined
  readonly state: DeviceState | undefined
  readonly supportedActions: readonly string[] | undefined
  /** What its agent says that a factory reset leaves in place; undefined for a device without one. */
  readonly keepsOnReset: readonly string[] | undefined
  /** The tags that somebody has asked for, by their path. */
  readonly tags: ReadonlyMap<TagPath, string> | undefined
}

export interface FleetParts {
  readonly hubId: HubId
  readonly lag: QueryLag
  readonly dialects: () => readonly DialectRules[]
  /** The tags that somebody has asked for. */
  readonly tagPaths: () => readonly TagPath[]
  /** Called when a device is connected that was not before. */
  readonly onReturn: (deviceId: DeviceId) => void
}

/** The devices of one hub, and how well they are known. */
export class Fleet {
  readonly changed = new Signal()
  readonly devices = new Changes<DeviceId, KnownDevice>()
  readonly #parts: FleetParts
  #state: FleetState = { kind: 'loading', loaded: 0 }
  #version = 0

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  get hubId(): HubId {
    return this.#parts.hubId
  }

  /** Grows with each change of a device or of the state. */
  get version(): number {
    return this.#version
  }

  get state(): FleetState {
    return this.#state
  }

  set state(state: FleetState) {
    this.#state = state
    this.#notify()
  }

  /** Takes what the hub told about a device, unless something newer is known. Returns its id when it has one. */
  learn(device: HubDevice, source: DeviceRow['source'], readAt: string): DeviceId | undefined {
    const { reported } = device
    const dialect = recognise(this.#parts.dialects(), reported)
    const row = deviceRow(device, { dialect, source, readAt })
    if (!row) return undefined
    const known = this.devices.get(row.deviceId)
    if (isNewer(known, { row, version: device.version }, this.#parts.lag)) {
      this.devices.set(row.deviceId, this.#known(device, row, dialect))
      this.#notify()
      if (row.isConnected && known?.row.isConnected === false) this.#parts.onReturn(row.deviceId)
    }
    return row.deviceId
  }

  #known(device: HubDevice, row: DeviceRow, dialect: DialectRules | undefined): KnownDevice {
    const { reported } = device
    return {
      ...{ row, version: device.version, dialect, state: dialect?.readState(reported) },
      supportedActions: dialect?.readMethods(reported),
      keepsOnReset: dialect?.name === 'drover' ? readReported(reported).agent?.keepsOnReset : undefined,
      tags: this.#tagsOf(device),
    }
  }

  /** A listing that went through to its end says which devices there are, but for those that it may not know yet. */
  keepOnly(deviceIds: ReadonlySet<DeviceId>, readAt: string): void {
    for (const deviceId of [...this.devices.keys()]) {
      const known = this.devices.get(deviceId)
      const isGone = !deviceIds.has(deviceId) && known && isOutlived(known.row, readAt, this.#parts.lag)
      if (isGone) this.devices.delete(deviceId)
    }
    this.#notify()
  }

  /** Something that is shown beside the device has changed. */
  touch(deviceId: DeviceId): void {
    const known = this.devices.get(deviceId)
    if (!known) return
    this.devices.set(deviceId, known)
    this.#notify()
  }

  /** What a watcher who has seen `version` of the devices lacks. */
  changesSince(version: number | undefined): FleetChange {
    const { changed, removed } = this.devices.since(version ?? 0)
    return {
      hubId: this.#parts.hubId,
      isReset: version === undefined,
      rows: changed.map(({ row }) => row),
      removed: version === undefined ? [] : [...removed],
      state: this.#state,
    }
  }

  #tagsOf({ tags }: HubDevice): ReadonlyMap<TagPath, string> | undefined {
    const found = this.#parts.tagPaths().flatMap((path): [TagPath, string][] => {
      const value = textAt(tags, path.split('.'))
      return value === undefined ? [] : [[path, value]]
    })
    return found.length === 0 ? undefined : new Map(found)
  }

  #notify(): void {
    this.#version += 1
    this.changed.notify()
  }
}
