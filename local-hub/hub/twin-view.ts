import type { DeviceRecord, TwinSection } from './device-record.ts'
import { etagOfRevision } from './etag.ts'
import { copyJsonObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { formatTimestamp } from './timestamp.ts'

/** The twin as REST and queries show it. */
export function twinView(record: DeviceRecord): JsonObject {
  return {
    deviceId: record.deviceId,
    etag: etagOfRevision(record.twin.revision),
    deviceEtag: record.etag,
    status: record.status,
    ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
    statusUpdateTime: formatTimestamp(record.statusUpdatedAt),
    connectionState: record.connectionState,
    lastActivityTime: formatTimestamp(record.lastActivityAt),
    cloudToDeviceMessageCount: 0,
    authenticationType: 'sas',
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
    modelId: '',
    version: record.twin.version,
    tags: record.twin.tags,
    properties: { desired: sectionView(record.twin.desired), reported: sectionView(record.twin.reported) },
    capabilities: { iotEdge: false },
  }
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

function sectionView({ value, metadata, version }: TwinSection): JsonObject {
  return Object.assign(copyJsonObject(value), { $metadata: metadata, $version: version })
}
