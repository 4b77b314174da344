import { expect, test } from 'vitest'
import { accept, begin, emptyState, type AcceptedAction, type AgentState } from './agent-state.ts'
import { decideAtStart } from './boot-decision.ts'

const action: AcceptedAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', state: 'accepted' },
  ...{ bootIdBefore: 'boot-1', acceptedAt: 1_000, dueAt: 1_000, notAfter: 9_000 },
}
const accepted = accept(emptyState, action)
const rebooting = begin(accepted, action, { now: 2_000, deadline: 5_000 })

/** The state after the start, and what is to be done then. */
function start(state: AgentState, bootId: string, now: number) {
  const decision = decideAtStart(state, { bootId, now })
  return decision.kind === 'finished' ? decision.next.finished[0] : decision
}

test('with no action on record there is nothing to do, whatever the boot id', () => {
  expect(start(emptyState, 'boot-7', 0)).toEqual({ kind: 'nothing' })
})

test('an accepted action on the same boot is carried on with', () => {
  expect(start(accepted, 'boot-1', 8_000)).toEqual({ kind: 'carry-on', action })
})

test('an accepted action whose time is over is not begun', () => {
  expect(start(accepted, 'boot-1', 9_001)).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
})

test('an accepted action without a deadline is never too late', () => {
  const { notAfter: _, ...endless } = action
  expect(start(accept(emptyState, endless), 'boot-1', 1e12)).toMatchObject({ kind: 'carry-on' })
})

test('a restart that no command came before is not credited to the accepted action', () => {
  expect(start(accepted, 'boot-2', 2_000)).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
})

test('another boot id after the command proves the reboot', () => {
  expect(start(rebooting, 'boot-2', 4_000)).toMatchObject({
    ...{ status: 'completed', startedAt: 2_000, endedAt: 4_000 },
    ...{ bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
  })
})

test('another boot id proves the reboot also after the deadline: a slow reboot is a reboot', () => {
  expect(start(rebooting, 'boot-2', 1e9)).toMatchObject({ status: 'completed' })
})

test('the same boot id after the command proves nothing: the deadline decides', () => {
  expect(start(rebooting, 'boot-1', 4_000)).toEqual({ kind: 'wait', action: rebooting.running })
  expect(start(rebooting, 'boot-1', 1e9)).toEqual({ kind: 'wait', action: rebooting.running })
})
