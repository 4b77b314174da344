import type { Twin, TwinSection } from './device-record.ts'
import type { JsonObject } from './json.ts'
import { mergeDesired, mergeTags, newTwin, replaceDesired } from './twin-document.ts'
import { assertSectionSize, assertTwinPatch, assertWholeSection } from './twin-limits.ts'

/** What a back end may change; a part that is absent stays as it is. */
export interface TwinChange {
  readonly tags?: JsonObject
  readonly desired?: JsonObject
}

/** `patch` merges, `replace` leaves only what the change holds. */
export type TwinChangeMode = 'patch' | 'replace'

export interface WantedChange {
  readonly change: TwinChange
  readonly mode: TwinChangeMode
}

/** The twin after a change by the back end; throws ArgumentInvalid when a limit is exceeded. */
export function changedTwin(twin: Twin, { change, mode }: WantedChange, now: number): Twin {
  const tags = change.tags ? changedTags(twin.tags, change.tags, mode) : twin.tags
  const desired = change.desired
    ? changedDesired(twin.desired, { desired: change.desired, mode, now })
    : twin.desired
  return { ...twin, revision: twin.revision + 1, version: twin.version + 1, tags, desired }
}

/** The twin of an identity that comes with one; throws ArgumentInvalid when a limit is exceeded. */
export function firstTwin(now: number, change: TwinChange = {}): Twin {
  const twin = newTwin(now)
  return change.tags || change.desired ? changedTwin(twin, { change, mode: 'patch' }, now) : twin
}

function changedTags(tags: JsonObject, change: JsonObject, mode: TwinChangeMode): JsonObject {
  assertChange(change, mode)
  const changed = mergeTags(mode === 'patch' ? tags : {}, change)
  assertSectionSize('tags', changed)
  return changed
}

function changedDesired(
  section: TwinSection,
  { desired, mode, now }: { desired: JsonObject; mode: TwinChangeMode; now: number },
): TwinSection {
  assertChange(desired, mode)
  const apply = mode === 'patch' ? mergeDesired : replaceDesired
  const changed = apply(section, desired, now)
  assertSectionSize('desired', changed.value)
  return changed
}

function assertChange(change: JsonObject, mode: TwinChangeMode): void {
  if (mode === 'patch') assertTwinPatch(change)
  else assertWholeSection(change)
}
