import type { Twin, TwinSection } from './device-record.ts'
import { copyJsonObject, emptyJsonObject, isJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { formatTimestamp } from './timestamp.ts'

/** The two halves of a section that change together. */
interface Node {
  readonly value: JsonObject
  readonly metadata: JsonObject
}

export function newTwin(now: number): Twin {
  const section: TwinSection = {
    value: emptyJsonObject(),
    metadata: { $lastUpdated: formatTimestamp(now) },
    version: 1,
  }
  return { revision: 1, version: 2, tags: emptyJsonObject(), desired: section, reported: section }
}

/** Objects merge, `null` removes, anything else replaces. Tags have no metadata. */
export function mergeTags(tags: JsonObject, patch: JsonObject): JsonObject {
  return merge({ value: tags, metadata: emptyJsonObject() }, patch, emptyJsonObject()).value
}

/** The same merge with a new version, and `$lastUpdated` on every level that the patch touches. */
export function mergeDesired(section: TwinSection, patch: JsonObject, now: number): TwinSection {
  const version = section.version + 1
  return { ...merge(section, patch, { ...stampOf(now), $lastUpdatedVersion: version }), version }
}

export function mergeReported(section: TwinSection, patch: JsonObject, now: number): TwinSection {
  return { ...merge(section, patch, stampOf(now)), version: section.version + 1 }
}

/** What must be merged into `current` to make it equal to `wanted`. */
export function replacementPatch(current: JsonObject, wanted: JsonObject): JsonObject {
  const patch = emptyJsonObject()
  for (const key of Object.keys(current)) patch[key] = null
  for (const [key, value] of Object.entries(wanted)) {
    const before = current[key]
    patch[key] = isJsonObject(value) && isJsonObject(before) ? replacementPatch(before, value) : value
  }
  return patch
}

/** A section that holds just `wanted`, every leaf fresh. */
export function replaceDesired(section: TwinSection, wanted: JsonObject, now: number): TwinSection {
  return mergeDesired(
    { value: emptyJsonObject(), metadata: emptyJsonObject(), version: section.version },
    wanted,
    now,
  )
}

function stampOf(now: number): JsonObject {
  return { $lastUpdated: formatTimestamp(now) }
}

function merge(node: Node, patch: JsonObject, stamp: JsonObject): Node {
  const value = copyJsonObject(node.value)
  const metadata = Object.assign(copyJsonObject(node.metadata), stamp)
  for (const [key, entry] of Object.entries(patch)) {
    if (entry === null) {
      Reflect.deleteProperty(value, key)
      Reflect.deleteProperty(metadata, key)
    } else {
      const merged = isJsonObject(entry) ? merge(childOf(value[key], metadata[key]), entry, stamp) : undefined
      value[key] = merged?.value ?? entry
      metadata[key] = merged?.metadata ?? stamp
    }
  }
  return { value, metadata }
}

function childOf(value: JsonValue | undefined, metadata: JsonValue | undefined): Node {
  const isMergeable = isJsonObject(value)
  return {
    value: isMergeable ? value : emptyJsonObject(),
    metadata: isMergeable && isJsonObject(metadata) ? metadata : emptyJsonObject(),
  }
}
