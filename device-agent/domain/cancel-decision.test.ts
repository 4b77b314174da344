import { describe, expect, test } from 'vitest'
import { accept, advance, emptyState, finish, type AgentState, type RunningAction } from './agent-state.ts'
import { decideCancel } from './cancel-decision.ts'

const now = Date.UTC(2026, 0, 1)
const action: RunningAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '', request: {}, bootIdBefore: 'boot-1' },
  ...{ acceptedAt: now, acceptedUptime: 0, delayMs: 60_000 },
}
const accepted = accept(emptyState, action)
const downloading = advance(accepted, action, { step: { state: 'downloading' }, now })

function cancel(state: AgentState, payload: unknown = { actionId: 'a' }, reason?: string) {
  return decideCancel(state, { payload, now, bootId: 'boot-1', whyNot: () => reason })
}

describe('an action that is cancelled', () => {
  test('before it has begun is over, and reported as what it is', () => {
    const { answer, next } = cancel(accepted, { actionId: 'a' }, 'never')
    expect(answer).toEqual({ status: 200, payload: { actionId: 'a', state: 'cancelled' } })
    expect(next?.running).toBeUndefined()
    expect(next?.finished[0]).toMatchObject({ status: 'cancelled', endedAt: now, bootIdAfter: 'boot-1' })
    expect(next?.finished[0]).not.toHaveProperty('error')
    expect(next?.unreported).toEqual(['a'])
  })

  test('at a step without an effect is over too', () => {
    expect(cancel(downloading).next?.finished[0]?.status).toBe('cancelled')
  })

  test('a second time is answered in the same way, and changes nothing', () => {
    const { next } = cancel(accepted)
    const again = cancel(next ?? emptyState)
    expect(again).toEqual({ answer: { status: 200, payload: { actionId: 'a', state: 'cancelled' } } })
  })
})

describe('a cancellation is refused', () => {
  test('at a step that has an effect, with the reason and where the action stands', () => {
    const { answer, next } = cancel(downloading, { actionId: 'a' }, 'the new image is being written')
    expect(answer).toEqual({
      status: 409,
      payload: { actionId: 'a', state: 'downloading', reason: 'the new image is being written' },
    })
    expect(next).toBeUndefined()
  })

  test.each(['completed', 'failed'] as const)('when the action is %s', (status) => {
    const done = finish(accepted, action, { status, now, bootId: 'boot-1' })
    expect(cancel(done).answer).toMatchObject({ status: 409, payload: { actionId: 'a', state: status } })
  })

  test('for an action that is not known, also while another one runs', () => {
    for (const state of [emptyState, accepted]) {
      const { answer, next } = cancel(state, { actionId: 'b' })
      expect(answer).toMatchObject({ status: 409, payload: { actionId: 'b', state: 'refused' } })
      expect(next).toBeUndefined()
    }
  })

  test.each([null, {}, 'a', { actionId: '../a' }, { actionId: 7 }])('for the payload %j', (payload) => {
    expect(cancel(accepted, payload)).toMatchObject({
      answer: { status: 400, payload: { state: 'refused' } },
    })
  })
})
