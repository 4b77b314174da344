import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { isJsonObject, toJsonObject } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { TwinSection } from './device-record.ts'
import { formatTimestamp } from './timestamp.ts'

type Section = 'tags' | 'desired' | 'reported'

interface Step {
  readonly section: Section
  readonly mode: 'patch' | 'replace'
  readonly patch: JsonObject
}

const { patch: patches } = fc.letrec<{ patch: JsonObject; entry: JsonValue }>((tie) => ({
  patch: fc
    .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('entry'), { maxKeys: 3 })
    .map((value) => toJsonObject(value)),
  entry: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constantFrom<JsonValue>(null, '', 'text', true, [], [1, { a: 2 }]),
    tie('patch'),
  ),
}))

const step: fc.Arbitrary<Step> = fc
  .record({
    section: fc.constantFrom<Section>('tags', 'desired', 'reported'),
    mode: fc.constantFrom('patch', 'patch', 'replace'),
    patch: patches,
  })
  .map((wanted) => (wanted.mode === 'replace' ? { ...wanted, patch: withoutNulls(wanted.patch) } : wanted))

/** What may take the place of a whole section. */
function withoutNulls(patch: JsonObject): JsonObject {
  const entries = Object.entries(patch).filter(([, value]) => value !== null)
  return toJsonObject(
    Object.fromEntries(
      entries.map(([name, value]) => [name, isJsonObject(value) ? withoutNulls(value) : value]),
    ),
  )
}

/** A leaf of the twin: where it is, and what; an object without members is a leaf too. */
type Leaves = Map<string, string>

/**
 * The documented merge, told of paths in the place of trees: a value takes the place of what was at its path or below
 * it, `null` leaves nothing there, an object is merged member by member.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-format
 */
function mergeLeaves(leaves: Leaves, path: string, value: JsonValue): void {
  if (isJsonObject(value)) return mergeObject(leaves, path, value)
  for (const known of [...leaves.keys()]) {
    if (known === path || known.startsWith(`${path}/`)) leaves.delete(known)
  }
  if (value !== null) leaves.set(path, JSON.stringify(value))
}

function mergeObject(leaves: Leaves, path: string, object: JsonObject): void {
  if (leaves.get(path) !== '{}') leaves.delete(path)
  leaves.set(path, '{}')
  for (const [name, value] of Object.entries(object)) mergeLeaves(leaves, `${path}/${name}`, value)
}

function leavesOf(value: JsonValue, path = '', leaves: Leaves = new Map()): Leaves {
  leaves.set(path, isJsonObject(value) ? '{}' : JSON.stringify(value))
  if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) leavesOf(member, `${path}/${name}`, leaves)
  }
  return leaves
}

const sorted = (leaves: Leaves) => [...leaves].toSorted(([a], [b]) => (a < b ? -1 : 1))

test(
  'any sequence of patches and replacements leaves what the documented merge leaves, and counts its versions',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const hub = newHub()
        addDevice(hub, 'd')
        const expected: Record<Section, Leaves> = { tags: new Map(), desired: new Map(), reported: new Map() }
        const versions: Record<Section, number> = { tags: 1, desired: 1, reported: 1 }
        const start = hub.registry.get('d').twin.version
        for (const leaves of Object.values(expected)) leaves.set('', '{}')
        for (const { section, mode, patch } of steps) {
          if (section !== 'reported' && mode === 'replace') expected[section] = new Map([['', '{}']])
          mergeObject(expected[section], '', patch)
          versions[section] += 1
          if (section === 'reported') hub.twins.report('d', patch)
          else hub.twins.change('d', { change: { [section]: patch }, mode, ifMatch: '*' })
        }
        const { tags, desired, reported, version } = hub.registry.get('d').twin
        expect(sorted(leavesOf(tags))).toEqual(sorted(expected.tags))
        expect(sorted(leavesOf(desired.value))).toEqual(sorted(expected.desired))
        expect(sorted(leavesOf(reported.value))).toEqual(sorted(expected.reported))
        expect([desired.version, reported.version]).toEqual([versions.desired, versions.reported])
        expect(version).toBe(start + steps.length)
      }),
      { numRuns: rounds(300, 5000) },
    )
  },
)

test('a device that merges what it is told of has what is desired of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const hub = newHub()
      addDevice(hub, 'd')
      const link = connectFake(hub, 'd')
      for (const { mode, patch } of steps) {
        hub.twins.change('d', { change: { desired: patch }, mode, ifMatch: '*' })
      }
      const onDevice: Leaves = new Map([['', '{}']])
      const told = link.desired as readonly { patch: JsonObject; version: number }[]
      for (const { patch } of told) mergeObject(onDevice, '', patch)
      const { desired } = hub.registry.get('d').twin
      expect(sorted(onDevice)).toEqual(sorted(leavesOf(desired.value)))
      expect(told.map(({ version }) => version)).toEqual(steps.map((_step, index) => index + 2))
    }),
    { numRuns: rounds(200, 3000) },
  )
})

test('each leaf is stamped with the time of the last patch that wrote it', () => {
  fc.assert(
    fc.property(fc.array(patches, { minLength: 1, maxLength: 8 }), (list) => {
      const hub = newHub()
      addDevice(hub, 'd')
      const stamps = new Map<string, string | null>()
      for (const patch of list) {
        hub.clock.advance(1000)
        hub.twins.report('d', patch)
        for (const path of leavesOf(patch).keys()) stamps.set(path, formatTimestamp(hub.clock.now()))
      }
      const { value, metadata }: TwinSection = hub.registry.get('d').twin.reported
      for (const path of leavesOf(value).keys()) {
        expect(stampAt(metadata, path), path).toBe(stamps.get(path))
      }
    }),
    { numRuns: rounds(200, 3000) },
  )
})

function stampAt(metadata: JsonObject, path: string): JsonValue | undefined {
  const steps = path.split('/').slice(1)
  const place = steps.reduce<JsonValue | undefined>(
    (current, name) => (isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined),
    metadata,
  )
  return isJsonObject(place) ? place['$lastUpdated'] : undefined
}
