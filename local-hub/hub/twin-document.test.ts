import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TwinSection } from './device-record.ts'
import { isJsonObject, toJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'
import {
  mergeDesired,
  mergeReported,
  mergeTags,
  newTwin,
  replaceDesired,
  replacementPatch,
} from './twin-document.ts'

const json = (value: object): JsonObject => toJsonObject(value as Record<string, unknown>)

/** Objects of objects and scalars, `null` included, as patches are. */
const { patch: patches } = fc.letrec<{ patch: JsonObject; entry: JsonValue }>((tie) => ({
  patch: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('entry'), { maxKeys: 3 }).map(json),
  entry: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.constant(null), fc.constant([1]), tie('patch')),
}))

describe('mergeTags', () => {
  test.each([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { a: null }, {}],
    [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    [{ a: { b: 1 } }, { a: 5 }, { a: 5 }],
    [{ a: 5 }, { a: { b: 1, c: null } }, { a: { b: 1 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: { b: 1 } }, { a: {} }, { a: { b: 1 } }],
    [{}, { a: {} }, { a: {} }],
  ])('%j with %j is %j', (tags, patch, expected) => {
    expect(mergeTags(json(tags), json(patch))).toEqual(expected)
  })

  test('changes neither of its arguments', () => {
    const [tags, patch] = [json({ a: { b: 1 } }), json({ a: { b: 2 } })]
    mergeTags(tags, patch)
    expect([tags, patch]).toEqual([{ a: { b: 1 } }, { a: { b: 2 } }])
  })

  test('merging the same patch twice is merging it once', () => {
    fc.assert(
      fc.property(patches, patches, (tags, patch) => {
        const once = mergeTags(mergeTags(json({}), tags), patch)
        expect(JSON.stringify(mergeTags(once, patch))).toBe(JSON.stringify(once))
      }),
    )
  })

  test('leaves no null and pollutes no prototype', () => {
    fc.assert(
      fc.property(patches, patches, (first, second) => {
        expect(JSON.stringify(mergeTags(mergeTags(json({}), first), second))).not.toContain(':null')
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
    )
  })
})

describe('mergeReported', () => {
  const start = newTwin(0).reported

  test('counts versions and stamps what the patch touches, on every level, and nothing else', () => {
    const first = mergeReported(start, json({ a: { b: 1 }, c: 2 }), Date.parse('2026-01-01'))
    const second = mergeReported(first, json({ a: { b: 1 } }), Date.parse('2026-01-02'))
    expect(second.version).toBe(start.version + 2)
    expect(second.metadata).toEqual({
      $lastUpdated: '2026-01-02T00:00:00.0000000Z',
      a: {
        $lastUpdated: '2026-01-02T00:00:00.0000000Z',
        b: { $lastUpdated: '2026-01-02T00:00:00.0000000Z' },
      },
      c: { $lastUpdated: '2026-01-01T00:00:00.0000000Z' },
    })
  })

  test('the metadata has the shape of the value, whatever is merged', () => {
    fc.assert(
      fc.property(fc.array(patches, { maxLength: 5 }), (list) => {
        const section = list.reduce<TwinSection>((current, patch) => mergeReported(current, patch, 0), start)
        expect(mirrors(section.value, section.metadata)).toBe(true)
      }),
    )
  })

  function mirrors(value: JsonValue, metadata: JsonValue | undefined): boolean {
    if (!isJsonObject(metadata) || metadata['$lastUpdated'] === undefined) return false
    const keys = isJsonObject(value) ? Object.keys(value).sort() : []
    const metadataKeys = Object.keys(metadata)
      .filter((key) => !key.startsWith('$'))
      .sort()
    if (keys.join() !== metadataKeys.join()) return false
    return !isJsonObject(value) || keys.every((key) => mirrors(value[key] ?? null, metadata[key]))
  }
})

test('mergeDesired also stamps the version that changed a leaf', () => {
  const section = mergeDesired(newTwin(0).desired, json({ a: 1 }), 0)
  expect(section.metadata['a']).toMatchObject({ $lastUpdatedVersion: 2 })
})

test('replaceDesired leaves just what is wanted, and replacementPatch says how to get there', () => {
  const before = mergeDesired(newTwin(0).desired, json({ a: 1, b: { c: 2 } }), 0)
  const wanted = json({ b: 3 })
  expect(replaceDesired(before, wanted, 0)).toMatchObject({ value: { b: 3 }, version: 3 })
  expect(mergeTags(before.value, replacementPatch(before.value, wanted))).toEqual({ b: 3 })
})

test('replacementPatch removes what is gone from an object that stays', () => {
  const [before, wanted] = [json({ a: { b: 1, c: { d: 2 } } }), json({ a: { c: {} } })]
  expect(replacementPatch(before, wanted)).toEqual({ a: { b: null, c: { d: null } } })
  expect(mergeTags(before, replacementPatch(before, wanted))).toEqual(wanted)
})
