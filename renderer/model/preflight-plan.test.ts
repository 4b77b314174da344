import { expect, test } from 'vitest'
import { Verdict } from '../../contract/app/action.ts'
import { deviceId } from '../testing/values.ts'
import { devicesToSend, groupByVerdict } from './preflight-plan.ts'

const verdicts = Verdict.options.map((verdict) => ({ deviceId: deviceId(`is-${verdict}`), verdict }))
const groups = groupByVerdict({ hubName: 'Local hub', verdicts })

test('every verdict has a group, and those that can run come first', () => {
  expect(groups.map(({ verdict }) => verdict).toSorted()).toEqual(Verdict.options.toSorted())
  expect(groups.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['ready', 'unprovable'])
})

test('a verdict that no device has makes no group', () => {
  const one = { deviceId: deviceId('a'), verdict: 'offline' } as const
  expect(groupByVerdict({ hubName: 'Local hub', verdicts: [one] })).toEqual([
    { verdict: 'offline', deviceIds: ['a'], canRun: false },
  ])
})

test('only ready devices and those that cannot prove it are sent to', () => {
  expect(devicesToSend(groups, new Set())).toEqual(['is-ready', 'is-unprovable'])
})

test('an excluded group is not sent to', () => {
  expect(devicesToSend(groups, new Set<Verdict>(['unprovable']))).toEqual(['is-ready'])
  expect(devicesToSend(groups, new Set<Verdict>(['ready', 'unprovable']))).toEqual([])
})
