import type { TwinSection } from '../hub/device-record.ts'
import { emptyJsonObject, isJsonObject } from '../hub/json.ts'
import type { JsonObject } from '../hub/json.ts'
import { sectionView } from '../hub/twin-view.ts'
import type { TwinChanged } from '../hub/twins.ts'

/**
 * A change of a twin as an event tells it: the patch with the metadata of what it touched, or the whole of what was
 * replaced. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#back-end-operations
 */
export function twinChangeJson({ record, mode, tags, desired, reported }: TwinChanged): JsonObject {
  const { twin } = record
  const isWhole = mode === 'replace'
  const properties = {
    ...(desired && { desired: isWhole ? sectionView(twin.desired) : patchView(twin.desired, desired) }),
    ...(reported && { reported: patchView(twin.reported, reported) }),
  }
  return {
    version: twin.version,
    ...(tags && { tags: isWhole ? twin.tags : tags }),
    ...(Object.keys(properties).length > 0 && { properties }),
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
