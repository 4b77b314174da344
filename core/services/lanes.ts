import type { DeviceId } from '../../contract/app/ids.ts'
import type { WindowOfZone } from '../domain/maintenance-window.ts'

interface Lane {
  readonly window: WindowOfZone | undefined
  /** Shifting an array of a hundred thousand moves them all each time, so the taken ones stay until all are. */
  ids: DeviceId[]
  taken: number
}

/** Devices in so many time zones, and when the first of their windows opens. */
export interface ClosedLanes {
  readonly opensAt: number
  readonly devices: number
  readonly zones: number
}

/** The devices whose turn has come, in order; one lane for each time zone when there is a maintenance window. */
export class Lanes {
  readonly #windowOf: (deviceId: DeviceId) => WindowOfZone | undefined
  readonly #lanes = new Map<WindowOfZone | undefined, Lane>()
  #size = 0

  constructor(windowOf: (deviceId: DeviceId) => WindowOfZone | undefined) {
    this.#windowOf = windowOf
  }

  get size(): number {
    return this.#size
  }

  add(deviceId: DeviceId): void {
    const window = this.#windowOf(deviceId)
    const lane = this.#lanes.get(window) ?? { window, ids: [], taken: 0 }
    this.#lanes.set(window, lane)
    lane.ids.push(deviceId)
    this.#size += 1
  }

  /** The first device that may be asked at that time. */
  take(now: number): DeviceId | undefined {
    for (const lane of this.#lanes.values()) {
      const deviceId = lane.ids[lane.taken]
      if (deviceId === undefined || lane.window?.at(now).isOpen === false) continue
      lane.taken += 1
      if (lane.taken === lane.ids.length) {
        lane.ids = []
        lane.taken = 0
      }
      this.#size -= 1
      return deviceId
    }
    return undefined
  }

  /** Those who wait for their window when nobody may be asked now; undefined otherwise. */
  closedAt(now: number): ClosedLanes | undefined {
    const lanes = [...this.#lanes.values()].filter(({ ids, taken }) => taken < ids.length)
    const openings = lanes.map(({ window }) => window?.at(now) ?? { isOpen: true, until: now })
    if (openings.length === 0 || openings.some(({ isOpen }) => isOpen)) return undefined
    const opensAt = Math.min(...openings.map(({ until }) => until))
    return { opensAt, devices: this.#size, zones: lanes.length }
  }

  isOpenFor(deviceId: DeviceId, now: number): boolean {
    return this.#windowOf(deviceId)?.at(now).isOpen !== false
  }
}
