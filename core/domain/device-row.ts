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

/**
 * The row to show when two readings of one device meet. A query may lag behind the twin by `queryLagMs`, so it
 * replaces what get-twin told only once it cannot be older.
 */
export function newerRow(shown: DeviceRow | undefined, read: DeviceRow, queryLagMs: number): DeviceRow {
  if (!shown) return read
  const isNewer = timeOf(read, queryLagMs) >= timeOf(shown, queryLagMs)
  return isNewer ? read : shown
}

function timeOf(row: DeviceRow, queryLagMs: number): number {
  return Date.parse(row.readAt) - (row.source === 'query' ? queryLagMs : 0)
}
