import { expect, test } from 'vitest'
import type { Target } from '../../contract/app/target.ts'
import { noon, target } from '../testing/values.ts'
import { groupByAnswer } from './answer-groups.ts'

function answered(id: string, status: number, payload: string): Target {
  const evidence = { kind: 'answer', status, payload, readAt: noon } as const
  return target(id, { status: status < 400 ? 'succeeded' : 'failed', evidence })
}

test('identical answers are one group, and the biggest group comes first', () => {
  const targets = [answered('a', 200, '"old"'), answered('b', 200, '"new"'), answered('c', 200, '"new"')]
  const { groups } = groupByAnswer(targets)
  expect(groups.map(({ payload, deviceIds }) => [payload, deviceIds])).toEqual([
    ['"new"', ['b', 'c']],
    ['"old"', ['a']],
  ])
})

test('the same payload with another status is another answer', () => {
  const { groups } = groupByAnswer([answered('a', 200, '{}'), answered('b', 500, '{}')])
  expect(groups.map(({ status, isRefusal }) => [status, isRefusal])).toEqual([
    [200, false],
    [500, true],
  ])
})

test('groups of the same size stay in the order in which they were answered', () => {
  const { groups } = groupByAnswer([answered('b', 200, '1'), answered('a', 200, '2')])
  expect(groups.map(({ payload }) => payload)).toEqual(['1', '2'])
})

test('devices without an answer are kept apart', () => {
  const lost = target('c', { status: 'unknown', reason: { code: 'no-answer' } })
  const { groups, unanswered } = groupByAnswer([answered('a', 200, 'null'), target('b'), lost])
  expect(groups).toHaveLength(1)
  expect(unanswered).toEqual(['b', 'c'])
})

test('ten thousand different answers are ten thousand groups', () => {
  const targets = Array.from({ length: 10_000 }, (_, index) => answered(`d${index}`, 200, String(index)))
  expect(groupByAnswer(targets).groups).toHaveLength(10_000)
})
