import { expect, test } from 'vitest'
import {
  accept,
  acknowledge,
  advance,
  AgentState,
  emptyState,
  finish,
  rememberedActions,
  stateOf,
  type RunningAction,
} from './agent-state.ts'

const action: RunningAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', request: { reason: 'because' } },
  ...{ bootIdBefore: 'boot-1', acceptedAt: 1_000, acceptedUptime: 10, delayMs: 0, notAfter: 9_000 },
}
const end = { status: 'completed', now: 4_000, bootId: 'boot-2' } as const

function after(...actions: Partial<RunningAction>[]): AgentState {
  return actions.reduce((state, each) => finish(state, { ...action, ...each }, end), emptyState)
}

test('an action goes from accepted over its steps to finished, and keeps what identifies it', () => {
  const accepted = accept(emptyState, action)
  expect(accepted.running).toEqual(action)
  expect(stateOf(action)).toBe('accepted')

  const begun = advance(accepted, action, { step: { state: 'rebooting', isForced: false }, now: 2_000 })
  const running = begun.running ?? action
  expect(running).toEqual({ ...action, startedAt: 2_000, step: { state: 'rebooting', isForced: false } })
  expect(stateOf(running)).toBe('rebooting')

  const finished = finish(begun, running, end)
  expect(finished).toEqual({
    ...emptyState,
    finished: [
      {
        ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', bootIdBefore: 'boot-1', acceptedAt: 1_000 },
        ...{ status: 'completed', startedAt: 2_000, endedAt: 4_000, bootIdAfter: 'boot-2' },
      },
    ],
    unreported: ['a'],
  })
})

test('a later step does not change when the action was begun', () => {
  const first = advance(emptyState, action, { step: { state: 'wiping' }, now: 2_000 }).running ?? action
  const second = advance(emptyState, first, { step: { state: 'rebooting' }, now: 3_000 }).running
  expect(second).toMatchObject({ startedAt: 2_000, step: { state: 'rebooting' } })
})

test('an action that never began has no start', () => {
  const error = { code: 'interrupted', message: 'too late' }
  const { finished } = finish(accept(emptyState, action), action, { ...end, status: 'failed', error })
  expect(finished[0]).not.toHaveProperty('startedAt')
  expect(finished[0]).toMatchObject({ status: 'failed', error })
})

test('what a kind remembers is written together with the end of its action', () => {
  const first = finish(emptyState, action, { ...end, memory: { floor: 3 } })
  expect(first.memory).toEqual({ reboot: { floor: 3 } })
  expect(finish(first, { ...action, actionId: 'b' }, end).memory).toEqual({ reboot: { floor: 3 } })
})

test('only the last 256 finished actions are remembered', () => {
  const ids = Array.from({ length: rememberedActions + 3 }, (_, index) => `action-${index}`)
  const state = after(...ids.map((actionId) => ({ actionId })))
  expect(state.finished.map(({ actionId }) => actionId)).toEqual(ids.slice(3))
})

test('a newer report replaces one of its kind that is queued, and leaves those of other kinds', () => {
  const state = after({ actionId: 'a' }, { actionId: 'b', kind: 'factoryReset' }, { actionId: 'c' })
  expect(state.unreported).toEqual(['b', 'c'])
})

test('a report that is acknowledged is queued no more, and its text is kept no longer', () => {
  const state = finish(emptyState, action, { ...end, report: { output: 'long' } })
  const acknowledged = acknowledge(state, ['a'])
  expect(acknowledged.unreported).toEqual([])
  expect(acknowledged.finished[0]).not.toHaveProperty('report')
  expect(state.finished[0]).toHaveProperty('report')
})

test('an acknowledgement of an older report leaves the newer one queued', () => {
  const state = after({ actionId: 'a' }, { actionId: 'b' })
  expect(acknowledge(state, ['a'])).toBe(state)
})

test('the record survives being written and read', () => {
  const begun = advance(emptyState, action, { step: { state: 'x', list: [1, null] }, now: 1 })
  for (const state of [emptyState, accept(emptyState, action), begun, after({}, { actionId: 'b' })]) {
    expect(AgentState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
  }
})

test('a record of another shape is not taken for one', () => {
  const running = { ...action, step: { phase: 'flying' } }
  expect(AgentState.safeParse({ ...emptyState, running }).success).toBe(false)
  expect(AgentState.safeParse({}).success).toBe(false)
})
