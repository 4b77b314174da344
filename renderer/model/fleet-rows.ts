import type { DeviceRow, FleetChange } from '../../contract/app/device.ts'

/**
 * The rows of one hub, by position and by device id.
 * Plain and mutable on purpose: at 100,000 rows a copy or a reactive proxy per change costs more than a frame.
 */
export interface FleetRows {
  readonly list: DeviceRow[]
  readonly positions: Map<string, number>
}

export function emptyRows(): FleetRows {
  return { list: [], positions: new Map() }
}

/** Applies a change in place. True when rows came or went, so that positions are no longer what they were. */
export function applyChange(rows: FleetRows, change: FleetChange): boolean {
  const lengthBefore = rows.list.length
  if (change.isReset) clear(rows)
  if (change.removed.length > 0) remove(rows, new Set<string>(change.removed))
  for (const row of change.rows) put(rows, row)
  return change.isReset || change.removed.length > 0 || rows.list.length !== lengthBefore
}

export function findRow(rows: FleetRows, deviceId: string): DeviceRow | undefined {
  const position = rows.positions.get(deviceId)
  return position === undefined ? undefined : rows.list[position]
}

function clear(rows: FleetRows): void {
  rows.list.length = 0
  rows.positions.clear()
}

function put(rows: FleetRows, row: DeviceRow): void {
  const position = rows.positions.get(row.deviceId) ?? rows.list.length
  rows.list[position] = row
  rows.positions.set(row.deviceId, position)
}

function remove(rows: FleetRows, deviceIds: ReadonlySet<string>): void {
  const kept = rows.list.filter((row) => !deviceIds.has(row.deviceId))
  clear(rows)
  for (const row of kept) put(rows, row)
}
