import { identityOfKey } from '../hub/device-identity.ts'
import type { DeviceRecord, TwinSection } from '../hub/device-record.ts'
import { etagOfRevision } from '../hub/etag.ts'
import { emptyJsonObject, isJsonObject } from '../hub/json.ts'
import type { JsonObject } from '../hub/json.ts'
import { sectionView } from '../hub/twin-view.ts'
import type { TwinChanged } from '../hub/twins.ts'

/**
 * A change of a twin as an event tells it: the patch with the metadata of what it touched, or the whole twin where it
 * was replaced. https://learn.microsoft.com/azure/iot-hub/iot-hub-non-telemetry-event-schema#device-twin-change-events
 */
export function twinChangeJson({ record, mode, tags, desired, reported }: TwinChanged): JsonObject {
  if (mode === 'replace') return wholeTwinJson(record)
  const { twin } = record
  const properties = {
    ...(desired && { desired: patchView(twin.desired, desired) }),
    ...(reported && { reported: patchView(twin.reported, reported) }),
  }
  return {
    version: twin.version,
    ...(tags && { tags }),
    ...(Object.keys(properties).length > 0 && { properties }),
  }
}

/** The twin of a device or module as events tell it: without tags where there are none. */
export function wholeTwinJson({ deviceId: key, twin }: DeviceRecord): JsonObject {
  const { deviceId, moduleId } = identityOfKey(key)
  return {
    deviceId,
    ...(moduleId !== undefined && { moduleId }),
    etag: etagOfRevision(twin.revision),
    version: twin.version,
    ...(Object.keys(twin.tags).length > 0 && { tags: twin.tags }),
    properties: { desired: sectionView(twin.desired), reported: sectionView(twin.reported) },
  }
}

function patchView({ metadata, version }: TwinSection, patch: JsonObject): JsonObject {
  return { ...patch, $metadata: touched(metadata, patch), $version: version }
}

/** The metadata of what is in the patch; what it removed has none. */
function touched(metadata: JsonObject, patch: JsonObject): JsonObject {
  const view = emptyJsonObject()
  for (const name of ['$lastUpdated', '$lastUpdatedVersion']) {
    const stamp = metadata[name]
    if (stamp !== undefined) view[name] = stamp
  }
  for (const [key, value] of Object.entries(patch)) {
    const below = metadata[key]
    if (isJsonObject(below)) view[key] = touched(below, isJsonObject(value) ? value : {})
  }
  return view
}
