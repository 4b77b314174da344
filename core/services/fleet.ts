import type { DeviceRow, FleetChange, FleetState } from '../../contract/app/device.ts'
import type { DeviceId, HubId } from '../../contract/app/ids.ts'
import { deviceRow, newerRow, type HubDevice } from '../domain/device-row.ts'
import { supportedActions } from '../domain/dialect.ts'
import { Changes } from './changes.ts'
import { Signal } from './signal.ts'

/** One device as far as it is known. */
export interface KnownDevice {
  readonly row: DeviceRow
  readonly supportedActions: readonly string[] | undefined
}

/** The devices of one hub, and how well they are known. */
export class Fleet {
  readonly changed = new Signal()
  readonly devices = new Changes<DeviceId, KnownDevice>()
  readonly #hubId: HubId
  readonly #queryLagMs: number
  #state: FleetState = { kind: 'loading', loaded: 0 }
  #version = 0

  constructor(hubId: HubId, queryLagMs: number) {
    this.#hubId = hubId
    this.#queryLagMs = queryLagMs
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
    const row = deviceRow(device, source, readAt)
    if (!row) return undefined
    const known = this.devices.get(row.deviceId)
    if (newerRow(known?.row, row, this.#queryLagMs) === row) {
      this.devices.set(row.deviceId, { row, supportedActions: supportedActions(device.reported) })
      this.#notify()
    }
    return row.deviceId
  }

  /** A listing that went through to its end says which devices there are. */
  keepOnly(deviceIds: ReadonlySet<DeviceId>): void {
    for (const deviceId of [...this.devices.keys()])
      if (!deviceIds.has(deviceId)) this.devices.delete(deviceId)
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
      hubId: this.#hubId,
      isReset: version === undefined,
      rows: changed.map(({ row }) => row),
      removed: version === undefined ? [] : [...removed],
      state: this.#state,
    }
  }

  #notify(): void {
    this.#version += 1
    this.changed.notify()
  }
}
