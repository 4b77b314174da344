import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReasonCode, TargetStatus } from '../../contract/app/target.ts'
import { target } from '../testing/values.ts'
import { groupTargets, layOutGroups, layOutTargets, type TargetRow } from './target-groups.ts'

const targets = [
  target('a', { status: 'succeeded', wave: 1 }),
  target('b', { status: 'failed', reason: { code: 'offline' }, wave: 2 }),
  target('c', { status: 'failed', reason: { code: 'refused', detail: 'no' }, wave: 2 }),
  target('d', { status: 'failed', reason: { code: 'refused', detail: 'never' }, wave: 3 }),
  target('e', { status: 'unknown', reason: { code: 'no-answer' } }),
]

test('what failed and what is unknown come first, the most frequent reason before the others', () => {
  const groups = groupTargets(targets, 'reason')
  expect(groups.map(({ outcome, reason, targets: alike }) => [outcome, reason, alike.length])).toEqual([
    ['failed', 'refused', 2],
    ['failed', 'offline', 1],
    ['unknown', 'no-answer', 1],
    ['succeeded', undefined, 1],
  ])
})

test('waves come in their order, and what has none comes last', () => {
  expect(groupTargets(targets, 'wave').map(({ wave, targets: alike }) => [wave, alike.length])).toEqual([
    [1, 1],
    [2, 2],
    [3, 1],
    [undefined, 1],
  ])
})

function all(rows: ReturnType<typeof layOutGroups>): (TargetRow | undefined)[] {
  return Array.from({ length: rows.length }, (_, position) => rows.at(position))
}

test('a closed group is one row', () => {
  const groups = groupTargets(targets, 'wave')
  const rows = all(layOutGroups(groups, new Set(['2'])))
  expect(rows.map((row) => (row?.kind === 'target' ? row.target.deviceId : row?.group.wave))).toEqual([
    1,
    'a',
    2,
    3,
    'd',
    undefined,
    'e',
  ])
})

test('positions outside of the rows have none', () => {
  const rows = layOutGroups(groupTargets(targets, 'reason'), new Set())
  expect([rows.at(-1), rows.at(rows.length), layOutGroups([], new Set()).at(0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(layOutTargets(targets).at(5)).toBeUndefined()
})

test('every target has one row, in its group, whatever the targets are', () => {
  const arbitrary = fc.record({
    status: fc.constantFrom(...TargetStatus.options),
    code: fc.option(fc.constantFrom(...ReasonCode.options), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 60 }), (some) => {
      const many = some.map(({ status, code }, index) =>
        target(`d${index}`, { status, ...(code ? { reason: { code } } : {}) }),
      )
      const rows = all(layOutGroups(groupTargets(many, 'reason'), new Set()))
      const ids = rows.flatMap((row) => (row?.kind === 'target' ? [row.target.deviceId] : []))
      expect(ids.toSorted()).toEqual(many.map(({ deviceId }) => deviceId).toSorted())
      expect(rows[0]?.kind ?? 'group').toBe('group')
    }),
  )
})

test('a hundred thousand targets are grouped and laid out in less than a quarter of a second', () => {
  const many = Array.from({ length: 100_000 }, (_, index) =>
    target(`d${index}`, { status: index % 7 === 0 ? 'failed' : 'succeeded', wave: (index % 20) + 1 }),
  )
  const startedAt = performance.now()
  const rows = layOutGroups(groupTargets(many, 'reason'), new Set())
  expect(rows.at(rows.length - 1)?.kind).toBe('target')
  expect(performance.now() - startedAt).toBeLessThan(250)
})
