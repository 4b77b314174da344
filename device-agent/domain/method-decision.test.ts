import { describe, expect, test } from 'vitest'
import { readRebootCall } from '../actions/reboot-request.ts'
import { advance, emptyState, finish, type AgentState } from './agent-state.ts'
import { decideCall, type Decision, type Surroundings } from './method-decision.ts'

const now = Date.UTC(2026, 0, 1)
const around: Surroundings = {
  ...{ now, isSynced: true, uptime: 5_000, bootId: 'boot-1', method: 'reboot' },
  ...{ refusal: undefined, locked: undefined, instead: undefined },
  newActionId: () => 'own-id',
}

function ask(state: AgentState, request: object | null, surroundings: Partial<Surroundings> = {}): Decision {
  const payload = request && { actionId: 'a', notAfter: '2026-01-01T00:10:00Z', ...request }
  return decideCall(state, readRebootCall(payload), { ...around, ...surroundings })
}

function accepted(request: object = {}): AgentState {
  const { next } = ask(emptyState, request)
  if (next === undefined) throw new Error('not accepted')
  return next
}

function rebooting(): AgentState {
  const state = accepted()
  if (state.running === undefined) throw new Error('nothing runs')
  return advance(state, state.running, { step: { state: 'rebooting' }, now })
}

function finished(status: 'completed' | 'failed' | 'cancelled'): AgentState {
  const state = rebooting()
  if (state.running === undefined) throw new Error('nothing runs')
  const error = status === 'failed' ? { error: { code: 'did-not-reboot', message: 'still up' } } : {}
  return finish(state, state.running, { status, now, bootId: 'boot-2', ...error })
}

describe('a new action', () => {
  test('is accepted, and is the running one', () => {
    const { answer, next } = ask(emptyState, { delaySeconds: 1.5, reason: 'why' })
    expect(answer).toEqual({ status: 202, payload: { actionId: 'a', state: 'accepted' } })
    expect(next?.running).toEqual({
      ...{ actionId: 'a', kind: 'reboot', parameters: '[1.5,"why"]', request: { reason: 'why' } },
      ...{ bootIdBefore: 'boot-1', acceptedAt: now, acceptedUptime: 5_000 },
      ...{ delayMs: 1_500, notAfter: now + 600_000, validForMs: 600_000 },
    })
  })

  test('of a back end without ids gets an id here, no deadline, and the answer of the tutorial', () => {
    const { answer, next } = ask(emptyState, null)
    expect(answer).toEqual({ status: 200, payload: 'Reboot started' })
    expect(next?.running).toMatchObject({ actionId: 'own-id', delayMs: 0 })
    expect(next?.running).not.toHaveProperty('notAfter')
  })

  test('is refused while another one runs, with the id of that one', () => {
    const { answer, next } = ask(rebooting(), { actionId: 'b' })
    expect(answer).toMatchObject({ status: 409, payload: { actionId: 'a', state: 'rebooting' } })
    expect(next).toBeUndefined()
  })

  test('of a back end without ids is refused while another one runs', () => {
    expect(ask(accepted(), null).answer).toMatchObject({ status: 409, payload: { actionId: 'a' } })
  })

  test.each([
    ['is late', { notAfter: '2025-12-31T23:59:59Z' }],
    ['would begin late', { notAfter: '2026-01-01T00:00:10Z', delaySeconds: 11 }],
  ])('that %s is refused, and the answer gives the clock of the device', (_, request) => {
    const { answer, next } = ask(emptyState, request)
    expect(answer).toMatchObject({ status: 410, payload: { actionId: 'a', state: 'refused' } })
    expect(answer.payload).toHaveProperty('reason', expect.stringContaining('2026-01-01T00:00:00.000Z'))
    expect(next).toBeUndefined()
  })

  test('is accepted to the last millisecond', () => {
    expect(ask(emptyState, { notAfter: '2026-01-01T00:00:00Z' }).answer.status).toBe(202)
  })

  test('is refused where it cannot be done', () => {
    const { answer, next } = ask(emptyState, {}, { refusal: 'a container' })
    expect(answer).toEqual({
      status: 501,
      payload: { actionId: 'a', state: 'refused', reason: 'a container' },
    })
    expect(next).toBeUndefined()
  })

  test('is refused while the device is locked, with the reason and nothing done', () => {
    const { answer, next } = ask(emptyState, {}, { locked: 'surgery until 14:00' })
    const reason = 'locked by the device: surgery until 14:00'
    expect(answer).toEqual({ status: 503, payload: { actionId: 'a', state: 'refused', reason } })
    expect(next).toBeUndefined()
  })

  test('that is late is refused as late also while the device is locked: waiting would not help it', () => {
    const late = { notAfter: '2025-12-31T23:59:59Z' }
    expect(ask(emptyState, late, { locked: 'surgery' }).answer.status).toBe(410)
  })

  test('that is invalid is refused, and changes nothing', () => {
    const { answer, next } = ask(emptyState, { delaySeconds: 'soon' })
    expect(answer).toMatchObject({ status: 400, payload: { actionId: 'a', state: 'refused' } })
    expect(next).toBeUndefined()
  })
})

describe('an action that is known', () => {
  test.each([
    ['accepted', accepted(), 202],
    ['rebooting', rebooting(), 202],
    ['completed', finished('completed'), 200],
    ['failed', finished('failed'), 200],
    ['cancelled', finished('cancelled'), 200],
  ] as const)('and %s is answered with where it stands, and changes nothing', (word, state, status) => {
    const { answer, next } = ask(state, {})
    expect(answer).toMatchObject({ status, payload: { actionId: 'a', state: word } })
    expect(next).toBeUndefined()
  })

  test('and failed is answered with why', () => {
    expect(ask(finished('failed'), {}).answer.payload).toHaveProperty('reason', 'still up')
  })

  test.each([
    ['running', accepted()],
    ['finished', finished('completed')],
  ] as const)('and %s is not taken for one with other parameters', (_, state) => {
    const { answer, next } = ask(state, { delaySeconds: 60 })
    expect(answer).toMatchObject({ status: 409, payload: { actionId: 'a', state: 'refused' } })
    expect(next).toBeUndefined()
  })

  test('by the same id is none of another kind', () => {
    const { answer } = ask(finished('completed'), {}, { method: 'factoryReset' })
    expect(answer).toMatchObject({ status: 409, payload: { state: 'refused' } })
  })

  test('and is at a step that no one else knows is running to the others', () => {
    const state = accepted()
    if (state.running === undefined) throw new Error('nothing runs')
    const odd = advance(state, state.running, { step: { state: 'flashing the second eeprom' }, now })
    expect(ask(odd, {}).answer.payload).toHaveProperty('state', 'running')
  })

  test('is answered also while the device is locked', () => {
    expect(ask(finished('completed'), {}, { locked: 'surgery' }).answer.status).toBe(200)
    expect(ask(accepted(), {}, { locked: 'surgery' }).answer.status).toBe(202)
  })

  test('is answered also when its time is over by now, and where it cannot be done any more', () => {
    const late = { now: now + 3_600_000, refusal: 'a container' }
    expect(ask(finished('completed'), {}, late).answer.status).toBe(200)
  })
})

describe('an action that answers for itself', () => {
  const instead = { status: 200, payload: { actionId: 'a', state: 'armed' } as const }

  test('does so instead of beginning', () => {
    expect(ask(emptyState, {}, { instead })).toEqual({ answer: instead })
  })

  test('does so only where it would have been accepted', () => {
    expect(ask(accepted(), { actionId: 'b' }, { instead }).answer.status).toBe(409)
    expect(ask(emptyState, {}, { instead, locked: 'surgery' }).answer.status).toBe(503)
    expect(ask(emptyState, {}, { instead, refusal: 'no' }).answer.status).toBe(501)
    expect(ask(emptyState, { notAfter: '2025-01-01T00:00:00Z' }, { instead }).answer.status).toBe(410)
  })
})
