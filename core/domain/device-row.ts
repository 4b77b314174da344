import type { DeviceRow } from '../../contract/app/device.ts'
import { DeviceId, Instant } from '../../contract/app/ids.ts'
import type { DialectRules } from './dialects/dialect.ts'
import type { Json } from './json.ts'

/** A device as the hub tells it; every value is hostile until it is read here. */
export interface HubDevice {
  readonly deviceId: string
  readonly status: string
  readonly connectionState: string
  readonly lastActivityTime: string | undefined
  readonly reported: Json
  readonly tags: Json
  /** Grows with each change of the twin; undefined where it was not told. */
  readonly version?: number | undefined
}

/** How and when a device was read, and how it speaks. */
export interface Reading {
  readonly dialect: DialectRules | undefined
  readonly source: DeviceRow['source']
  readonly readAt: string
}

/** The row of one device, or undefined for an id that no hub can have. */
export function deviceRow(device: HubDevice, { dialect, source, readAt }: Reading): DeviceRow | undefined {
  const deviceId = DeviceId.safeParse(device.deviceId)
  if (!deviceId.success) return undefined
  return {
    deviceId: deviceId.data,
    isEnabled: device.status !== 'disabled',
    isConnected: device.connectionState === 'Connected',
    source,
    readAt,
    ...present('lastActivityAt', activityTime(device.lastActivityTime)),
    ...present('firmwareVersion', dialect?.readState(device.reported).firmwareVersion),
    ...present('dialect', dialect?.name),
  }
}

/** The hub says year 1 for a device that was never active. */
function activityTime(time: string | undefined): string | undefined {
  if (time === undefined || time.startsWith('0001-')) return undefined
  const withZone = time.endsWith('Z') ? time : `${time}Z`
  return Instant.safeParse(withZone).data
}

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}

/** A row, and the version of the twin that it was made from. */
export interface VersionedRow {
  readonly row: DeviceRow
  readonly version: number | undefined
}

/** By how much an answer to a query may be behind the twin: as a rule, and at most. Milliseconds. */
export interface QueryLag {
  readonly usualMs: number
  readonly mostMs: number
}

/**
 * Whether what was read of a device replaces what is shown. A query replaces what get-twin told only once it cannot be
 * older as a rule; and as it may lag much longer, never with a version of the twin that was overtaken, until even the
 * slowest query is newer: then a lower version is that of a device that was registered anew.
 */
export function isNewer(shown: VersionedRow | undefined, read: VersionedRow, lag: QueryLag): boolean {
  if (!shown) return true
  if (isOvertaken(shown, read, lag)) return false
  return timeOf(read.row, lag) >= timeOf(shown.row, lag)
}

function isOvertaken(shown: VersionedRow, { row, version }: VersionedRow, lag: QueryLag): boolean {
  if (row.source !== 'query' || version === undefined || shown.version === undefined) return false
  return version < shown.version && !isOutlived(shown.row, row.readAt, lag)
}

/** Whether a query at that time knows better than get-twin did, even if it is as late as a query can be. */
export function isOutlived({ source, readAt }: DeviceRow, at: string, { mostMs }: QueryLag): boolean {
  return source === 'query' || Date.parse(at) - Date.parse(readAt) >= mostMs
}

function timeOf({ readAt, source }: DeviceRow, { usualMs }: QueryLag): number {
  return Date.parse(readAt) - (source === 'query' ? usualMs : 0)
}
