import type { TwinSections } from './hub-request.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** What a back end has written to a twin. */
export interface TwinContent {
  readonly desired: Json
  readonly tags: Json
}

/** One value that would be put back. */
export interface RestoredValue {
  readonly section: keyof TwinContent
  readonly path: readonly string[]
  /** What is there now; undefined for a value that is gone. */
  readonly present: Json | undefined
  readonly kept: Json
}

/** What it takes to have in a twin again what it had; what was added since stays. */
export interface Restoration {
  readonly values: readonly RestoredValue[]
  /** Without the sections of which nothing is to be put back. */
  readonly sections: TwinSections
}

export function planRestoration(kept: TwinContent, present: TwinContent): Restoration {
  const desired = compare(kept.desired, present.desired, { section: 'desired', path: [] })
  const tags = compare(kept.tags, present.tags, { section: 'tags', path: [] })
  return {
    values: [...desired.values, ...tags.values],
    sections: {
      ...(desired.patch ? { desired: desired.patch } : {}),
      ...(tags.patch ? { tags: tags.patch } : {}),
    },
  }
}

type Place = Pick<RestoredValue, 'section' | 'path'>

interface Difference {
  readonly values: readonly RestoredValue[]
  readonly patch: JsonObject | undefined
}

function compare(kept: Json, present: Json, { section, path }: Place): Difference {
  const values: RestoredValue[] = []
  const patch: [string, Json][] = []
  for (const [key, value] of isJsonObject(kept) ? Object.entries(kept) : []) {
    const place: Place = { section, path: [...path, key] }
    const now = ownValue(present, key)
    if (isJsonObject(value) && isJsonObject(now)) {
      const inner = compare(value, now, place)
      values.push(...inner.values)
      if (inner.patch) patch.push([key, inner.patch])
    } else if (!isEmptyObject(value) && !isSame(value, now)) {
      values.push({ ...place, present: now, kept: value })
      patch.push([key, value])
    }
  }
  return { values, patch: patch.length === 0 ? undefined : Object.fromEntries(patch) }
}

function ownValue(value: Json, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** It holds nothing that could be lost. */
function isEmptyObject(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0
}

/** The hub may give the keys of an object in another order than they were written in. */
function isSame(left: Json, right: Json | undefined): boolean {
  if (isList(left))
    return isList(right) && left.length === right.length && left.every((each, i) => isSame(each, right[i]))
  if (!isJsonObject(left)) return left === right
  if (!isJsonObject(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSame(left[key] ?? null, right[key]))
  )
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
