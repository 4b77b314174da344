import type { DeviceId } from '../../contract/app/ids.ts'

/** Which devices are selected, and where the keyboard stands. By device id, so that sorting and filtering keep both. */
export interface Selection {
  readonly deviceIds: ReadonlySet<DeviceId>
  /** Where a range starts. */
  readonly anchor: DeviceId | undefined
  /** The row that the keyboard acts on. */
  readonly active: DeviceId | undefined
}

/** The shown devices by position. */
export interface ShownDevices {
  readonly length: number
  idAt(position: number): DeviceId | undefined
  /** -1 when the device is not shown. */
  positionOf(deviceId: DeviceId): number
}

export const emptySelection: Selection = { deviceIds: new Set(), anchor: undefined, active: undefined }

export function selectOnly(deviceId: DeviceId): Selection {
  return { deviceIds: new Set([deviceId]), anchor: deviceId, active: deviceId }
}

export function toggle(selection: Selection, deviceId: DeviceId): Selection {
  const deviceIds = new Set(selection.deviceIds)
  if (!deviceIds.delete(deviceId)) deviceIds.add(deviceId)
  return { deviceIds, anchor: deviceId, active: deviceId }
}

/** Selects from the anchor to the device. `isAdded` keeps what was selected before. */
export function selectTo(
  selection: Selection,
  deviceId: DeviceId,
  { shown, isAdded = false }: { readonly shown: ShownDevices; readonly isAdded?: boolean },
): Selection {
  const to = shown.positionOf(deviceId)
  const from = selection.anchor === undefined ? to : shown.positionOf(selection.anchor)
  if (to < 0) return selection
  const first = Math.min(from < 0 ? to : from, to)
  const last = Math.max(from < 0 ? to : from, to)
  const deviceIds = new Set(isAdded ? selection.deviceIds : [])
  for (let position = first; position <= last; position++) {
    const id = shown.idAt(position)
    if (id !== undefined) deviceIds.add(id)
  }
  return { deviceIds, anchor: from < 0 ? deviceId : selection.anchor, active: deviceId }
}

/** Selects everything shown: all results, not a page of them. */
export function selectAll(selection: Selection, shown: ShownDevices): Selection {
  const deviceIds = new Set<DeviceId>()
  for (let position = 0; position < shown.length; position++) {
    const id = shown.idAt(position)
    if (id !== undefined) deviceIds.add(id)
  }
  return { ...selection, deviceIds }
}

/** How many of the selected devices are shown; the others are hidden by a filter. */
export function countShown({ deviceIds }: Selection, shown: ShownDevices): number {
  if (deviceIds.size === 0) return 0
  let count = 0
  for (let position = 0; position < shown.length; position++) {
    const id = shown.idAt(position)
    if (id !== undefined && deviceIds.has(id)) count++
  }
  return count
}

/** What a right-click acts on: the whole selection when it hits a part of it, else the one device alone. */
export function aim(selection: Selection, deviceId: DeviceId): Selection {
  return selection.deviceIds.has(deviceId) ? { ...selection, active: deviceId } : selectOnly(deviceId)
}

/** Forgets devices that are gone. The same value when nothing changes. */
export function keepExisting(selection: Selection, exists: (deviceId: DeviceId) => boolean): Selection {
  const deviceIds = [...selection.deviceIds].filter(exists)
  const anchor = existing(selection.anchor, exists)
  const active = existing(selection.active, exists)
  const isSame =
    deviceIds.length === selection.deviceIds.size &&
    anchor === selection.anchor &&
    active === selection.active
  return isSame ? selection : { deviceIds: new Set(deviceIds), anchor, active }
}

function existing(
  deviceId: DeviceId | undefined,
  exists: (deviceId: DeviceId) => boolean,
): DeviceId | undefined {
  return deviceId !== undefined && exists(deviceId) ? deviceId : undefined
}
