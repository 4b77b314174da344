import { describe, expect, test } from 'vitest'
import { accept, advance, emptyState, type AgentState, type RunningAction } from './agent-state.ts'
import { decideAtStart, unknownBootId, type KindAtStart } from './boot-decision.ts'

const action: RunningAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '[0,""]', request: {} },
  ...{ bootIdBefore: 'boot-1', acceptedAt: 1_000, acceptedUptime: 1_000, delayMs: 0, notAfter: 9_000 },
}
const known: AgentState = { ...emptyState, lastBootId: 'boot-1' }
const accepted = accept(known, action)
const rebooting = advance(accepted, action, { step: { state: 'rebooting' }, now: 2_000 })

const kind: KindAtStart = {
  survivesRestart: false,
  judge: ({ bootIdBefore }, { bootId }) => (bootIdBefore === bootId ? undefined : { status: 'completed' }),
}

function decide(
  state: AgentState,
  bootId: string,
  changes: { now?: number; kind?: KindAtStart | undefined } = {},
) {
  const now = changes.now ?? 3_000
  const start = { bootId, now, isSynced: true, uptime: 3_000 }
  return decideAtStart(state, { start, kindOf: () => ('kind' in changes ? changes.kind : kind) })
}

function outcome(...given: Parameters<typeof decide>) {
  const decision = decide(...given)
  return decision.kind === 'finished' ? decision.next.finished[0] : decision.kind
}

describe('an action that has not begun', () => {
  test('is carried on with on the same boot', () => {
    expect(decide(accepted, 'boot-1')).toMatchObject({ kind: 'carry-on', action })
  })

  test('is not begun when its time is over', () => {
    const late = { now: 9_001 }
    expect(outcome(accepted, 'boot-1', late)).toMatchObject({
      status: 'failed',
      error: { code: 'interrupted' },
    })
  })

  test('without a deadline is never too late', () => {
    const { notAfter: _, ...endless } = action
    expect(outcome(accept(known, endless), 'boot-1', { now: 1e12 })).toBe('carry-on')
  })

  test('is interrupted by a restart that no action ordered', () => {
    expect(outcome(accepted, 'boot-2')).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
  })

  test('outlives such a restart where its kind does', () => {
    expect(outcome(accepted, 'boot-2', { kind: { ...kind, survivesRestart: true } })).toBe('carry-on')
  })
})

describe('an action that has begun', () => {
  test('is finished by what its kind makes of the start', () => {
    expect(outcome(rebooting, 'boot-2')).toMatchObject({
      ...{ status: 'completed', startedAt: 2_000, endedAt: 3_000 },
      ...{ bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
    })
  })

  test('is carried on with where the start says nothing, however late it is', () => {
    expect(outcome(rebooting, 'boot-1')).toBe('carry-on')
    expect(outcome(rebooting, 'boot-1', { now: 1e9 })).toBe('carry-on')
  })

  test('of a kind that is gone ends as interrupted', () => {
    expect(outcome(rebooting, 'boot-1', { kind: undefined })).toMatchObject({
      error: { code: 'interrupted' },
    })
  })
})

describe('restarts', () => {
  const counted = (state: AgentState, bootId: string) => decide(state, bootId).next.unexpectedReboots

  test('that an action ordered are not counted', () => {
    expect(counted(rebooting, 'boot-2')).toBe(0)
  })

  test.each([
    ['with nothing under way', known],
    ['before an action began', accepted],
    ['in the middle of another step', advance(accepted, action, { step: { state: 'wiping' }, now: 2_000 })],
  ])('%s are counted', (_, state) => {
    expect(counted(state, 'boot-2')).toBe(1)
    expect(counted({ ...state, unexpectedReboots: 6 }, 'boot-2')).toBe(7)
  })

  test('of the agent alone are none', () => {
    expect(counted(known, 'boot-1')).toBe(0)
    expect(decide(known, 'boot-1').next).toBe(known)
  })

  test('are not counted at the first start, nor where the boot id cannot be read', () => {
    expect(counted(emptyState, 'boot-1')).toBe(0)
    expect(decide(known, unknownBootId).next).toBe(known)
  })

  test('are counted once each', () => {
    const once = decide(known, 'boot-2').next
    expect(decide(once, 'boot-2').next.unexpectedReboots).toBe(1)
    expect(decide(once, 'boot-3').next.unexpectedReboots).toBe(2)
  })
})
