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
  readonly credentials: Credentials
  readonly connectionState: ConnectionState
  readonly connectionStateUpdatedAt: number | undefined
  readonly lastActivityAt: number | undefined
  /** Cloud-to-device messages in its queue; absent means none. */
  readonly cloudToDeviceMessageCount?: number
  /** What it said that it is, when it last connected with such a word; absent means that it never did. */
  readonly modelId?: string
  readonly twin: Twin
}

export type DeviceStatus = 'enabled' | 'disabled'
export type ConnectionState = 'Connected' | 'Disconnected'

/** How the device proves who it is. */
export type Credentials =
  | { readonly type: 'sas'; readonly keys: DeviceKeys }
  | { readonly type: 'selfSigned'; readonly thumbprints: Thumbprints }
  | { readonly type: 'certificateAuthority' }

/** Base64, as in a connection string. */
export interface DeviceKeys {
  readonly primary: string
  readonly secondary: string
}

/** SHA-1 or SHA-256 of a certificate, in hexadecimal digits as the client wrote them; at least one is there. */
export interface Thumbprints {
  readonly primary: string | undefined
  readonly secondary: string | undefined
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
