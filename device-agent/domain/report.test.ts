import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentReport } from '../../contract/device/reported.ts'
import { rebootAction } from '../actions/reboot.ts'
import {
  accept,
  acknowledge,
  advance,
  emptyState,
  finish,
  type AgentState,
  type JsonObject,
  type RunningAction,
} from './agent-state.ts'
import { outstandingReport, viewTwin } from './report.ts'

const agent: AgentReport = {
  ...{ version: '1', bootId: 'boot-2', bootedAt: '2026-01-01T00:00:00.000Z', firmwareVersion: '1.0' },
  ...{ platform: 'linux', actions: ['reboot'], keepsOnReset: [] },
}
const running: RunningAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '', request: {}, bootIdBefore: 'boot-1' },
  ...{ acceptedAt: 0, acceptedUptime: 0, delayMs: 0, startedAt: 1_000, step: { state: 'rebooting' } },
}
const end = { status: 'completed', now: 5_000, bootId: 'boot-2' } as const
const done = finish(emptyState, running, end)
const reboot = rebootAction({ refusal: undefined })
const describeReboot: typeof reboot.describe = (action) => reboot.describe(action)

function outstanding(state: AgentState, reported: object, progress?: JsonObject) {
  const truth = { state, agent, progress, describe: describeReboot }
  return outstandingReport(truth, viewTwin(reported))
}

describe('the patch', () => {
  test('holds the report and the agent when the twin has neither', () => {
    const { patch, proves } = outstanding(done, {})
    expect(proves).toEqual(['a'])
    expect(patch).toEqual({
      iothubDM: {
        agent,
        reboot: {
          ...{ actionId: 'a', status: 'completed', bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
          ...{ startedAt: '1970-01-01T00:00:01.000Z', endedAt: '1970-01-01T00:00:05.000Z' },
          lastReboot: '1970-01-01T00:00:05.000Z',
        },
      },
    })
  })

  test('of a failure keeps the time of the last reboot that happened', () => {
    const error = { code: 'did-not-reboot', message: 'still up' } as const
    const failed = finish(emptyState, running, { ...end, status: 'failed', error })
    const { patch } = outstanding(failed, { iothubDM: { reboot: { lastReboot: 'then', actionId: 'z' } } })
    expect(patch).toHaveProperty('iothubDM.reboot.error', error)
    expect(patch).not.toHaveProperty('iothubDM.reboot.lastReboot')
  })

  test('removes what an earlier report left behind', () => {
    const { patch } = outstanding(done, {
      iothubDM: { reboot: { error: { code: 'x' }, startedRebootTime: 'y' } },
    })
    expect(patch).toMatchObject({ iothubDM: { reboot: { error: null, startedRebootTime: null } } })
  })

  test('is at most 1 KiB, whatever the machine said', () => {
    const error = { code: 'command-failed', message: 'x'.repeat(256) } as const
    const long = { ...running, actionId: 'a'.repeat(64), bootIdBefore: 'b'.repeat(36) }
    const failed = finish(emptyState, long, { status: 'failed', now: 5_000, bootId: 'b'.repeat(36), error })
    const { patch } = outstanding(failed, { iothubDM: { agent } })
    expect(JSON.stringify(patch).length).toBeLessThan(1_024)
  })

  test('is sent in two where both parts are more than 1 KiB, the report first', () => {
    const error = { code: 'command-failed', message: 'x'.repeat(256) } as const
    const failed = finish(emptyState, running, { ...end, status: 'failed', error })
    const large = { ...agent, actions: Array.from({ length: 16 }, (_, index) => `${'x'.repeat(30)}${index}`) }
    const truth = { state: failed, agent: large, describe: describeReboot }
    const first = outstandingReport(truth, {})
    expect(Object.keys((first.patch as { iothubDM: object }).iothubDM)).toEqual(['reboot'])
    expect(first.proves).toEqual(['a'])
    const second = outstandingReport(truth, first.after)
    expect(second.patch).toEqual({ iothubDM: { agent: large } })
    expect(outstandingReport(truth, second.after)).not.toHaveProperty('patch')
  })

  test('is absent when the twin has it all, and the report is then proven to have arrived', () => {
    const { after } = outstanding(done, {})
    const { patch, proves } = outstanding(done, { iothubDM: after })
    expect(patch).toBeUndefined()
    expect(proves).toEqual(['a'])
  })

  test('is absent when nothing is queued and the agent is known', () => {
    expect(outstanding(acknowledge(done, ['a']), { iothubDM: { agent } })).not.toHaveProperty('patch')
  })

  test('does not follow the clock: another boot time with the same boot id is no news', () => {
    const reported = { iothubDM: { agent: { ...agent, bootedAt: '2026-01-01T00:00:01.000Z' } } }
    expect(outstanding(emptyState, reported)).not.toHaveProperty('patch')
  })

  test.each(['version', 'bootId', 'firmwareVersion', 'platform'])('tells a new %s of the agent', (key) => {
    const { patch } = outstanding(emptyState, { iothubDM: { agent: { ...agent, [key]: 'other' } } })
    expect(patch).toEqual({ iothubDM: { agent } })
  })

  test('tells a lock, and removes it when it is gone', () => {
    const locked = { ...agent, updateLock: 'surgery' }
    const truth = { state: emptyState, describe: () => ({}) }
    const { patch, after } = outstandingReport({ ...truth, agent: locked }, { agent })
    expect(patch).toEqual({ iothubDM: { agent: locked } })
    expect(outstandingReport({ ...truth, agent }, after).patch).toEqual({
      iothubDM: { agent: { ...agent, updateLock: null } },
    })
  })

  test('replaces what someone else wrote there', () => {
    const { patch } = outstanding(done, { iothubDM: { agent: 'mine', reboot: { lastReboot: 7 } } })
    expect(patch).toHaveProperty('iothubDM.agent', agent)
    expect(patch).toHaveProperty('iothubDM.reboot.actionId', 'a')
  })
})

describe('progress', () => {
  const underWay = (state: AgentState) =>
    advance(
      accept(state, { ...running, actionId: 'b' }),
      { ...running, actionId: 'b' },
      {
        ...{ step: { state: 'rebooting' }, now: 2_000 },
      },
    )

  test('is told under the word for the step', () => {
    const { patch, proves } = outstanding(underWay(emptyState), { iothubDM: { agent } }, { progress: 40 })
    expect(patch).toEqual({ iothubDM: { reboot: { actionId: 'b', status: 'rebooting', progress: 40 } } })
    expect(proves).toEqual([])
  })

  test('waits for an end of the same kind that the hub does not have yet', () => {
    const { patch, proves } = outstanding(underWay(done), { iothubDM: { agent } }, { progress: 40 })
    expect(patch).toHaveProperty('iothubDM.reboot.actionId', 'a')
    expect(proves).toEqual(['a'])
  })

  test('is gone from the final report', () => {
    const { after } = outstanding(underWay(emptyState), { iothubDM: { agent } }, { progress: 40 })
    const final = outstanding(done, { iothubDM: after })
    expect(final.patch).toHaveProperty('iothubDM.reboot.progress', null)
    expect(final.after['reboot']).not.toHaveProperty('progress')
  })
})

test('after its patches the twin lacks nothing, whatever was in it', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant({ deep: 1 }))
  const held = fc.dictionary(fc.constantFrom('actionId', 'status', 'error', 'lastReboot', 'x'), leaf)
  fc.assert(
    fc.property(fc.oneof(held, leaf), fc.oneof(held, leaf), (reboot, who) => {
      let twin = viewTwin({ iothubDM: { reboot, agent: who } })
      for (let patches = 0; patches < 2; patches += 1) {
        twin = outstandingReport({ state: done, agent, describe: describeReboot }, twin).after
      }
      expect(outstandingReport({ state: done, agent, describe: describeReboot }, twin)).not.toHaveProperty(
        'patch',
      )
      expect(twin['agent']).toEqual(agent)
    }),
  )
})
