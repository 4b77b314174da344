import type { TargetStatus } from '../../contract/app/target.ts'
import type { DeviceRow } from '../../contract/app/device.ts'
import type { RowFilter } from './device-filter.ts'
import type { DeviceColumn } from './device-columns.ts'

export interface Sort {
  readonly column: DeviceColumn
  readonly direction: 'ascending' | 'descending'
}

/** Positions in the list of rows, in the order in which they are shown. */
export type ViewIndex = Uint32Array

/** Which rows are shown, and in what order. Rows that are equal in the column keep the order of the list. */
export function buildView(rows: readonly DeviceRow[], filter: RowFilter | undefined, sort: Sort): ViewIndex {
  const view = matching(rows, filter)
  const keys: Key[] = new Array<Key>(rows.length)
  for (const position of view) keys[position] = keyFor(rows[position], sort.column)
  const sign = sort.direction === 'ascending' ? 1 : -1
  return view.sort((a, b) => compare(keys[a], keys[b], sign) || a - b)
}

export function nextSort(sort: Sort, column: DeviceColumn): Sort {
  const isFlip = sort.column === column && sort.direction === 'ascending'
  return { column, direction: isFlip ? 'descending' : 'ascending' }
}

type Key = string | number | undefined

function keyFor(row: DeviceRow | undefined, column: DeviceColumn): Key {
  return row && keyOf[column](row)
}

function matching(rows: readonly DeviceRow[], filter: RowFilter | undefined): ViewIndex {
  const view = new Uint32Array(rows.length)
  let count = 0
  for (const [position, row] of rows.entries()) {
    if (!filter || filter(row)) view[count++] = position
  }
  return view.subarray(0, count)
}

/** What is not known comes last in both directions: it is never what someone sorts for. */
function compare(a: Key, b: Key, sign: 1 | -1): number {
  if (a === b) return 0
  if (a === undefined) return 1
  if (b === undefined) return -1
  return a < b ? -sign : sign
}

/** The statuses in the order of how much they ask for attention. */
const attention: Readonly<Record<TargetStatus, number>> = {
  failed: 0,
  unknown: 1,
  cancelling: 2,
  working: 3,
  sending: 4,
  waiting: 5,
  cancelled: 6,
  succeeded: 7,
}

const keyOf: Readonly<Record<DeviceColumn, (row: DeviceRow) => Key>> = {
  deviceId: (row) => natural(row.deviceId),
  connection: (row) => (row.isConnected ? 0 : 1),
  status: (row) => (row.isEnabled ? 0 : 1),
  lastActivity: (row) => (row.lastActivityAt === undefined ? undefined : Date.parse(row.lastActivityAt)),
  firmware: (row) => (row.firmwareVersion === undefined ? undefined : natural(row.firmwareVersion)),
  lastAction: (row) => (row.lastAction === undefined ? undefined : attention[row.lastAction.status]),
}

/** Comparing strings by code unit is many times faster than a collator; padded numbers give it the natural order. */
function natural(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
}
