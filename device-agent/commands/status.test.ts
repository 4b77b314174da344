import { expect, test } from 'vitest'
import { accept, begin, emptyState, finish, type AcceptedAction } from '../domain/agent-state.ts'
import { describeStatus } from './status.ts'

const now = Date.UTC(2026, 0, 1)
const action: AcceptedAction = {
  ...{ actionId: 'action-1', kind: 'reboot', parameters: '[0,""]', state: 'accepted' },
  ...{ bootIdBefore: 'boot-1', acceptedAt: now, dueAt: now + 60_000 },
}
const accepted = accept(emptyState, action)
const rebooting = begin(accepted, action, { now, deadline: now + 300_000 })

function shown(state = emptyState, isRunning = true, locked?: string): string {
  return describeStatus({ state, isRunning, locked }).join('\n')
}

test('an agent that never ran has nothing to show', () => {
  expect(describeStatus({ isRunning: false, state: undefined, locked: undefined })).toEqual([
    'agent         not running',
    'under way     nothing',
    'last results  none',
  ])
})

test('what was accepted says when it begins', () => {
  expect(shown(accepted)).toContain('reboot action-1, accepted, begins at 2026-01-01T00:01:00.000Z')
})

test('what is under way says until when it may take', () => {
  expect(shown(rebooting)).toContain(
    'reboot action-1, rebooting since 2026-01-01T00:00:00.000Z, failed if still up at 2026-01-01T00:05:00.000Z',
  )
})

test('a proven reboot shows both boot ids, and that the hub has not heard of it', () => {
  if (rebooting.running === undefined) throw new Error('nothing runs')
  const state = finish(rebooting, rebooting.running, { now, bootId: 'boot-2' })
  expect(shown(state)).toContain(
    '2026-01-01T00:00:00.000Z  reboot action-1  completed, boot id boot-1 -> boot-2',
  )
  expect(shown(state)).toContain('not reported  action-1')
})

test('a failure says why', () => {
  const error = { code: 'did-not-reboot', message: 'the machine did not go down' } as const
  const state = finish(accepted, action, { now, bootId: 'boot-1', error })
  expect(shown(state)).toContain('failed, did-not-reboot: the machine did not go down')
})

test('the newest of many results come first, and only the last five', () => {
  let state = emptyState
  for (let count = 1; count <= 9; count += 1)
    state = finish(state, { ...action, actionId: `action-${count}` }, { now, bootId: 'boot-2' })
  expect([...shown(state).matchAll(/reboot (action-\d)/g)].map(([, id]) => id)).toEqual([
    'action-9',
    'action-8',
    'action-7',
    'action-6',
    'action-5',
  ])
})

test('a lock is shown with its reason', () => {
  expect(shown(emptyState, true, 'in use')).toContain('update lock   in use')
})
