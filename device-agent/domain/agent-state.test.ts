import { expect, test } from 'vitest'
import {
  accept,
  acknowledge,
  AgentState,
  begin,
  emptyState,
  finish,
  rememberedActions,
  type AcceptedAction,
} from './agent-state.ts'

const action: AcceptedAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', state: 'accepted' },
  ...{ bootIdBefore: 'boot-1', acceptedAt: 1_000, dueAt: 1_000, notAfter: 9_000, reason: 'because' },
}

function after(...actionIds: string[]): AgentState {
  return actionIds.reduce((state, actionId, index) => {
    return finish(state, { ...action, actionId }, { now: 2_000 + index, bootId: 'boot-2' })
  }, emptyState)
}

test('an action goes from accepted to rebooting to finished, and keeps what identifies it', () => {
  const accepted = accept(emptyState, action)
  expect(accepted.running).toEqual(action)

  const begun = begin(accepted, action, { now: 2_000, deadline: 5_000 })
  expect(begun.running).toEqual({
    ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', bootIdBefore: 'boot-1', acceptedAt: 1_000 },
    ...{ state: 'rebooting', startedAt: 2_000, deadline: 5_000 },
  })

  const running = begun.running
  if (running === undefined) throw new Error('nothing runs')
  const finished = finish(begun, running, { now: 4_000, bootId: 'boot-2' })
  expect(finished).toEqual({
    finished: [
      {
        ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', bootIdBefore: 'boot-1', acceptedAt: 1_000 },
        ...{ status: 'completed', startedAt: 2_000, endedAt: 4_000, bootIdAfter: 'boot-2' },
      },
    ],
    unreported: 'a',
  })
})

test('an action that never began has no start', () => {
  const error = { code: 'interrupted', message: 'too late' } as const
  const { finished } = finish(accept(emptyState, action), action, { now: 4_000, bootId: 'boot-1', error })
  expect(finished[0]).not.toHaveProperty('startedAt')
  expect(finished[0]).toMatchObject({ status: 'failed', error })
})

test('only the last 256 finished actions are remembered', () => {
  const ids = Array.from({ length: rememberedActions + 3 }, (_, index) => `action-${index}`)
  const state = after(...ids)
  expect(state.finished.map(({ actionId }) => actionId)).toEqual(ids.slice(3))
})

test('a report that is acknowledged is queued no more', () => {
  expect(acknowledge(after('a'), 'a')).not.toHaveProperty('unreported')
})

test('an acknowledgement of an older report leaves the newer one queued', () => {
  expect(acknowledge(after('a', 'b'), 'a').unreported).toBe('b')
})

test('the record survives being written and read', () => {
  for (const state of [emptyState, accept(emptyState, action), after('a', 'b')]) {
    expect(AgentState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
  }
})

test('a record of another shape is not taken for one', () => {
  expect(AgentState.safeParse({ finished: [], running: { state: 'flying' } }).success).toBe(false)
  expect(AgentState.safeParse({}).success).toBe(false)
})
