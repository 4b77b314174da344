import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeviceId } from '../../contract/app/ids.ts'
import { Phase, TargetStatus, type Target } from '../../contract/app/target.ts'
import { applyEvent, noCounts, targetEventNames, transition, type TargetEvent } from './target.ts'
import { TargetTable } from './target-table.ts'

const at = '2026-11-23T10:00:00.000Z'
const ids = ['pump-1', 'pump-2', 'pump-3'].map((id) => DeviceId.parse(id))
const table = (): TargetTable => new TargetTable(ids, at, () => undefined)

const event: fc.Arbitrary<TargetEvent> = fc.record(
  {
    name: fc.constantFrom(...targetEventNames),
    reason: fc.record({
      code: fc.constantFrom('offline' as const, 'no-answer' as const, 'not-provable' as const),
    }),
    evidence: fc.constant({ kind: 'boot-id' as const, bootIdBefore: 'a', bootIdAfter: 'b', readAt: at }),
    phase: fc.constantFrom(...Phase.options),
    percent: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: ['name'] },
)
const change = fc.record({ device: fc.constantFrom(...ids), event, seconds: fc.nat(100_000) })

describe('the table of targets', () => {
  test('tells of each target what an object for it would tell, after whatever happened', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const [columns, objects] = [table(), new Map<DeviceId, Target>()]
        for (const deviceId of ids) objects.set(deviceId, { deviceId, status: 'waiting', changedAt: at })
        for (const { device, event: happened, seconds } of changes) {
          const when = new Date(Date.parse(at) + seconds * 1000).toISOString()
          const before = objects.get(device)
          const after = before && applyEvent(before, happened, when)
          expect(columns.apply(device, happened, when)).toBe(after !== undefined)
          if (after) expect(columns.get(device)).toEqual(after)
          if (after) objects.set(device, after)
        }
        expect([...columns.values()]).toEqual([...objects.values()])
        const counts = noCounts()
        for (const { status } of objects.values()) counts[status] += 1
        expect(columns.counts).toEqual(counts)
      }),
    )
  })

  test('has a row for every pair of a status and an event', () => {
    for (const status of TargetStatus.options) {
      for (const name of targetEventNames) {
        const columns = table()
        const [device] = ids
        if (!device || !reach(columns, device, status)) continue
        expect(columns.apply(device, { name }, at), `${status} ${name}`).toBe(
          transition(status, name) !== undefined,
        )
        expect(columns.statusOf(device)).toBe(transition(status, name) ?? status)
      }
    }
  })

  /** Brings a target to a status by the events of the table. */
  function reach(columns: TargetTable, device: DeviceId, status: TargetStatus): boolean {
    const ways: Record<TargetStatus, TargetEvent['name'][]> = {
      waiting: [],
      sending: ['send'],
      working: ['send', 'accept'],
      cancelling: ['send', 'cancel'],
      unknown: ['send', 'lose'],
      succeeded: ['send', 'succeed'],
      failed: ['fail'],
      cancelled: ['cancel'],
    }
    for (const name of ways[status]) columns.apply(device, { name }, at)
    return columns.statusOf(device) === status
  }

  test('gives a watcher what is new to it, and nothing twice', () => {
    const columns = table()
    const [first, second] = ids
    if (first) columns.apply(first, { name: 'send' }, at)
    const seen = columns.version
    if (second) columns.apply(second, { name: 'send' }, at)
    expect(columns.changedSince(0).map(({ deviceId }) => deviceId)).toEqual([first, second])
    expect(columns.changedSince(seen).map(({ deviceId }) => deviceId)).toEqual([second])
    expect(columns.changedSince(columns.version)).toEqual([])
  })

  test('tells who is in doubt from who is lost, and from who cannot prove it', () => {
    const columns = table()
    for (const device of ids) columns.apply(device, { name: 'send' }, at)
    const [first, second, third] = ids
    if (!first || !second || !third) throw new Error('Three devices are needed.')
    columns.follow(first, true)
    for (const device of [first, second])
      columns.apply(device, { name: 'lose', reason: { code: 'no-answer' } }, at)
    columns.apply(third, { name: 'lose', reason: { code: 'not-provable' } }, at)
    expect([columns.counts.unknown, columns.inDoubt, columns.unprovable]).toEqual([3, 1, 1])
    columns.follow(first, false)
    expect(columns.inDoubt).toBe(0)
    columns.apply(third, { name: 'succeed' }, at)
    expect(columns.unprovable).toBe(0)
  })

  test('knows nothing of a device that is not in it', () => {
    const stranger = DeviceId.parse('stranger')
    expect(table().get(stranger)).toBeUndefined()
    expect(table().apply(stranger, { name: 'send' }, at)).toBe(false)
  })

  test('says to which wave a device belongs', () => {
    const columns = new TargetTable(ids, at, (number) => number + 1)
    expect([...columns.values()].map(({ wave }) => wave)).toEqual([1, 2, 3])
  })
})
