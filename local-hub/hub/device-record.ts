import type { JsonObject } from './json.ts'

/** All that the hub knows about one device. Records are replaced, never changed. */
export interface DeviceRecord {
  readonly deviceId: string
  /** Order of creation, which is also the order of query results. */
  readonly sequence: number
  /** Tells two devices with the same id apart. */
  readonly generationId: string
  readonly etag: string
  readonly status: DeviceStatus
  readonly statusReason: string | undefined
  readonly statusUpdatedAt: number | undefined
  readonly keys: DeviceKeys
  readonly connectionState: ConnectionState
  readonly connectionStateUpdatedAt: number | undefined
  readonly lastActivityAt: number | undefined
  readonly twin: Twin
}

export type DeviceStatus = 'enabled' | 'disabled'
export type ConnectionState = 'Connected' | 'Disconnected'

/** Base64, as in a connection string. */
export interface DeviceKeys {
  readonly primary: string
  readonly secondary: string
}

export interface Twin {
  /** Counts what the back end changed; the etag is made of it, so that a device's report conflicts with nobody. */
  readonly revision: number
  /** Counts every change. */
  readonly version: number
  readonly tags: JsonObject
  readonly desired: TwinSection
  readonly reported: TwinSection
}

export interface TwinSection {
  readonly value: JsonObject
  /** Mirrors `value`, with `$lastUpdated` on every level. */
  readonly metadata: JsonObject
  readonly version: number
}
