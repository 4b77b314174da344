import type { Credentials, DeviceRecord, TwinSection } from './device-record.ts'
import { etagOfRevision } from './etag.ts'
import { copyJsonObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { formatTimestamp } from './timestamp.ts'

const noThumbprint: JsonObject = { primaryThumbprint: null, secondaryThumbprint: null }
const noCapability: JsonObject = { iotEdge: false }

/** The twin as REST and queries show it. */
export function twinView(record: DeviceRecord): JsonObject {
  // One literal without a condition inside: a page of a query is a thousand of these.
  const view = {
    deviceId: record.deviceId,
    etag: etagOfRevision(record.twin.revision),
    deviceEtag: record.etag,
    status: record.status,
    statusUpdateTime: formatTimestamp(record.statusUpdatedAt),
    connectionState: record.connectionState,
    lastActivityTime: formatTimestamp(record.lastActivityAt),
    cloudToDeviceMessageCount: record.cloudToDeviceMessageCount ?? 0,
    authenticationType: record.credentials.type,
    x509Thumbprint: thumbprintJson(record.credentials),
    modelId: record.modelId ?? '',
    version: record.twin.version,
    tags: record.twin.tags,
    properties: { desired: sectionView(record.twin.desired), reported: sectionView(record.twin.reported) },
    capabilities: noCapability,
  }
  const { statusReason } = record
  return statusReason === undefined ? view : { ...view, statusReason }
}

/** As the registry and twins show it. */
export function thumbprintJson(credentials: Credentials): JsonObject {
  if (credentials.type !== 'selfSigned') return noThumbprint
  const { primary, secondary } = credentials.thumbprints
  return { primaryThumbprint: primary ?? null, secondaryThumbprint: secondary ?? null }
}

/** What the device itself sees: no metadata, no tags. */
export function deviceTwinView(record: DeviceRecord): JsonObject {
  const { desired, reported } = record.twin
  return {
    desired: withVersion(desired.value, desired.version),
    reported: withVersion(reported.value, reported.version),
  }
}

export function withVersion(value: JsonObject, version: number): JsonObject {
  return Object.assign(copyJsonObject(value), { $version: version })
}

export function sectionView({ value, metadata, version }: TwinSection): JsonObject {
  return { ...value, $metadata: metadata, $version: version }
}
