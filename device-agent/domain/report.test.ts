import { describe, expect, test } from 'vitest'
import type { AgentReport } from '../../contract/device/reported.ts'
import { acknowledge, emptyState, finish, type AgentState, type RebootingAction } from './agent-state.ts'
import { outstandingReport, viewTwin } from './report.ts'

const agent: AgentReport = {
  ...{ version: '1', bootId: 'boot-2', bootedAt: '2026-01-01T00:00:00.000Z', firmwareVersion: '1.0' },
  ...{ platform: 'linux', actions: ['reboot'], keepsOnReset: [] },
}
const running: RebootingAction = {
  ...{ actionId: 'a', kind: 'reboot', parameters: '', state: 'rebooting', bootIdBefore: 'boot-1' },
  ...{ acceptedAt: 0, startedAt: 1_000, deadline: 9_000 },
}
const done = finish(emptyState, running, { now: 5_000, bootId: 'boot-2' })

function outstanding(state: AgentState, reported: object) {
  return outstandingReport(state, agent, viewTwin(reported))
}

describe('the patch', () => {
  test('holds the report and the agent when the twin has neither', () => {
    const { patch, proves } = outstanding(done, {})
    expect(proves).toBe('a')
    expect(patch).toEqual({
      iothubDM: {
        agent,
        reboot: {
          ...{
            actionId: 'a',
            status: 'completed',
            bootIdBefore: 'boot-1',
            bootIdAfter: 'boot-2',
            error: null,
          },
          ...{ startedAt: '1970-01-01T00:00:01.000Z', endedAt: '1970-01-01T00:00:05.000Z' },
          lastReboot: '1970-01-01T00:00:05.000Z',
        },
      },
    })
  })

  test('of a failure keeps the time of the last reboot that happened, and removes nothing else of it', () => {
    const error = { code: 'did-not-reboot', message: 'still up' } as const
    const { patch } = outstanding(finish(emptyState, running, { now: 5_000, bootId: 'boot-1', error }), {})
    expect(patch).toHaveProperty('iothubDM.reboot.error', error)
    expect(patch).not.toHaveProperty('iothubDM.reboot.lastReboot')
  })

  test('is at most 1 KiB, whatever the machine said', () => {
    const error = { code: 'command-failed', message: 'x'.repeat(256) } as const
    const long = { ...running, actionId: 'a'.repeat(64), bootIdBefore: 'b'.repeat(36) }
    const { patch } = outstanding(finish(emptyState, long, { now: 5_000, bootId: 'b'.repeat(36), error }), {
      iothubDM: { agent },
    })
    expect(JSON.stringify(patch).length).toBeLessThan(1_024)
  })

  test('is absent when the twin has it all, and the report is then proven to have arrived', () => {
    const { patch, proves } = outstanding(done, {
      iothubDM: { agent, reboot: { actionId: 'a', status: 'completed' } },
    })
    expect(patch).toBeUndefined()
    expect(proves).toBe('a')
  })

  test('is absent when nothing is queued and the agent is known', () => {
    expect(outstanding(acknowledge(done, 'a'), { iothubDM: { agent } })).not.toHaveProperty('patch')
  })

  test('does not follow the clock: another boot time with the same boot id is no news', () => {
    const reported = { iothubDM: { agent: { ...agent, bootedAt: '2026-01-01T00:00:01.000Z' } } }
    expect(outstanding(emptyState, reported)).not.toHaveProperty('patch')
  })

  test.each(['version', 'bootId', 'firmwareVersion', 'platform'])('tells a new %s of the agent', (key) => {
    const { patch } = outstanding(emptyState, { iothubDM: { agent: { ...agent, [key]: 'other' } } })
    expect(patch).toEqual({ iothubDM: { agent } })
  })

  test('replaces what someone else wrote there', () => {
    const { patch } = outstanding(done, { iothubDM: { agent: 'mine', reboot: { lastReboot: 7 } } })
    expect(patch).toHaveProperty('iothubDM.agent', agent)
    expect(patch).toHaveProperty('iothubDM.reboot.actionId', 'a')
  })
})

test('after its patch the twin lacks nothing', () => {
  const { after } = outstanding(done, {})
  expect(outstandingReport(done, agent, after)).not.toHaveProperty('patch')
})
