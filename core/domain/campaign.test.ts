import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Policy } from '../../contract/app/policy.ts'
import { ActionId } from '../../contract/app/ids.ts'
import { afterDecision, freshCampaign, nextStep, type CampaignState, type Standing } from './campaign.ts'
import { campaignEventNames, type CampaignChanged } from './journal-record.ts'

const now = Date.parse('2026-11-23T10:00:00.000Z')
const at = new Date(now).toISOString()
const policy: Policy = {
  waves: [{ unit: 'devices', count: 1 }],
  gate: { soakMs: 0, needsApproval: false },
  offline: { mode: 'fail' },
}
const open: CampaignState = { ...freshCampaign, wave: 1 }
const idle: Standing = {
  ...{ state: open, waves: 3, due: 0, later: 2, parked: 0, underWay: 0 },
  ...{ succeeded: 1, failed: 0, lost: 0, unprovable: 0 },
}
const step = (standing: Partial<Standing>, more: Partial<Policy> = {}): unknown =>
  nextStep({ ...policy, ...more }, { ...idle, ...standing }, now)
const decide = (state: CampaignState, more: Partial<CampaignChanged>): CampaignState =>
  afterDecision(state, { type: 'campaign', at, actionId: ActionId.parse('a'), name: 'wave', ...more })

describe('what an action does next', () => {
  test('is to open its first wave, to send, and to follow those who were asked', () => {
    expect(step({ state: freshCampaign })).toEqual({ kind: 'open', wave: 1 })
    expect(step({ due: 5 })).toEqual({ kind: 'send' })
    expect(step({ underWay: 5 })).toEqual({ kind: 'follow' })
  })

  test('is to note that the wave has settled, and then to open the next', () => {
    expect(step({})).toEqual({ kind: 'settle' })
    expect(step({ state: { ...open, settledAt: at } })).toEqual({ kind: 'open', wave: 2 })
  })

  test('is to end when everybody was asked and is settled', () => {
    expect(step({ later: 0 })).toEqual({ kind: 'end' })
    expect(step({ later: 0, underWay: 1 })).toEqual({ kind: 'follow' })
    expect(nextStep(undefined, { ...idle, later: 0 }, now)).toEqual({ kind: 'end' })
  })

  test('is nothing but following once it has stopped', () => {
    const state = { ...open, hasStopped: true }
    expect(step({ state, due: 5, underWay: 1 })).toEqual({ kind: 'follow' })
    expect(step({ state, due: 5 })).toEqual({ kind: 'end' })
  })

  test('is to wait for offline devices until the policy gives them up', () => {
    const offline = { mode: 'wait' as const, deliverBy: '2026-11-24T10:00:00.000Z' }
    const state = { ...open, wave: 3 }
    expect(step({ state, later: 0, parked: 4 }, { offline })).toEqual({
      kind: 'hold',
      hold: { kind: 'offline', devices: 4, until: offline.deliverBy },
    })
  })
})

describe('a gate', () => {
  const settled = { state: { ...open, settledAt: at } }

  test('soaks from the time at which the wave had settled', () => {
    const gate = { soakMs: 1_000, needsApproval: false }
    expect(step(settled, { gate })).toMatchObject({
      hold: { kind: 'soaking', until: '2026-11-23T10:00:01.000Z' },
    })
    expect(nextStep({ ...policy, gate }, { ...idle, ...settled }, now + 1_000)).toEqual({
      kind: 'open',
      wave: 2,
    })
  })

  test('wants its share of success, to the device', () => {
    const gate = { successShare: 0.9, soakMs: 0, needsApproval: false }
    expect(step({ ...settled, succeeded: 9, failed: 1 }, { gate })).toEqual({ kind: 'open', wave: 2 })
    expect(step({ ...settled, succeeded: 8, failed: 1, lost: 1 }, { gate })).toMatchObject({
      hold: { kind: 'gate', share: 0.8, needed: 0.9 },
    })
    expect(step({ ...settled, succeeded: 0 }, { gate })).toEqual({ kind: 'open', wave: 2 })
  })

  test('that a person has opened lets one wave through, not two', () => {
    const gate = { successShare: 1, soakMs: 0, needsApproval: true }
    const approved = decide(settled.state, { name: 'approve', wave: 2 })
    expect(step({ state: approved, failed: 1 }, { gate })).toEqual({ kind: 'open', wave: 2 })
    const second = { ...decide(approved, { wave: 2 }), settledAt: at }
    expect(step({ state: second }, { gate })).toMatchObject({ hold: { kind: 'approval' } })
  })
})

describe('the abort rule', () => {
  const abort = { failureShare: 0.1, leastFinished: 10 }
  const isAborted = (counts: Partial<Standing>): boolean =>
    nextStep({ ...policy, abort }, { ...idle, due: 5, ...counts }, now).kind === 'abort'

  test('needs more than the share, of enough devices', () => {
    expect(isAborted({ succeeded: 9, failed: 1 })).toBe(false)
    expect(isAborted({ succeeded: 8, failed: 2 })).toBe(true)
    expect(isAborted({ succeeded: 0, failed: 9 })).toBe(false)
  })

  test('counts who is lost as failed, and who cannot prove it as finished only', () => {
    expect(isAborted({ succeeded: 8, lost: 2 })).toBe(true)
    expect(isAborted({ succeeded: 8, unprovable: 2 })).toBe(false)
  })

  test('comes before everything else, and means nothing when everybody was asked', () => {
    const bad = { failed: 100, state: { ...open, hold: { kind: 'paused' as const, by: 'kim' } } }
    expect(isAborted(bad)).toBe(true)
    expect(isAborted({ failed: 100, due: 0, later: 0 })).toBe(false)
  })
})

describe('a decision', () => {
  test('that holds is lifted by resuming, and by nothing of the policy', () => {
    const holds = ['pause', 'interrupt', 'halt'] as const
    for (const name of holds) {
      const held = decide(open, { name, by: 'kim' })
      expect(step({ state: held, due: 1 })).toMatchObject({ kind: 'hold', hold: held.hold })
      expect(step({ state: decide(held, { name: 'resume' }), due: 1 })).toEqual({ kind: 'send' })
      expect(decide(held, { name: 'settle' }).hold).toEqual(held.hold)
    }
  })

  test('to stop is for good', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('abort' as const, 'cancel' as const),
        fc.array(fc.constantFrom(...campaignEventNames)),
        (stop, names) => {
          const end = names.reduce(
            (state, name) => decide(state, { name, wave: 2 }),
            decide(open, { name: stop }),
          )
          expect(end.hasStopped).toBe(true)
          expect(['follow', 'end']).toContain(nextStep(policy, { ...idle, state: end, due: 3 }, now).kind)
        },
      ),
    )
  })

  test('whatever was decided and however it stands, there is a next step that goes with it', () => {
    const count = fc.integer({ min: 0, max: 3 })
    const standings = fc.record({
      ...{ due: count, later: count, parked: count, underWay: count },
      ...{ succeeded: count, failed: count, lost: count, unprovable: count },
    })
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...campaignEventNames)), standings, (names, counts) => {
        const state = names.reduce((before, name) => decide(before, { name, wave: 1 }), freshCampaign)
        const { kind } = nextStep(policy, { ...counts, state, waves: 3 }, now)
        if (kind === 'send')
          expect([state.hold, state.hasStopped, counts.due > 0]).toEqual([undefined, false, true])
        if (kind === 'end') expect(counts.underWay).toBe(0)
      }),
    )
  })
})
