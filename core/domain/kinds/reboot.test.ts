import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ActionId } from '../../../contract/app/ids.ts'
import type { Json, JsonObject } from '../json.ts'
import { drover as droverDialect } from '../dialects/drover.ts'
import { tutorial as tutorialDialect } from '../dialects/tutorial.ts'
import { windowsIot } from '../dialects/windows-iot.ts'
import type { HubAnswer } from '../hub-request.ts'
import type { Following, Sighting } from './kind.ts'
import { rebootRules } from './reboot.ts'

const { request, judgeAnswer } = rebootRules
const { judge: judgeSighting, judgeDeadline } = rebootRules.twin

const now = new Date('2026-11-23T10:00:00Z')
const actionId = ActionId.parse('01JD000000000000000000000A')
const drover: Following = {
  dialect: droverDialect,
  actionId,
  before: {},
  leftAt: undefined,
  returnedAt: undefined,
}
const tutorial: Following = {
  ...drover,
  dialect: tutorialDialect,
  before: { restartTime: '2026-01-01T00:00:00.000Z' },
}

const sighting = (reported: Json, isConnected = true, readAt = '2026-11-23T10:00:05.000Z'): Sighting => ({
  isConnected,
  reported,
  desired: {},
  tags: {},
  version: 1,
  readAt,
})

const answer = (status: number, payload: Json = null): HubAnswer => ({
  type: 'method',
  status,
  payload,
  at: '2026-11-23T10:00:00.000Z',
})

const report = (changes: JsonObject = {}): Json => ({
  iothubDM: {
    reboot: {
      actionId,
      status: 'completed',
      bootIdBefore: 'boot-a',
      bootIdAfter: 'boot-b',
      startedAt: '2026-11-23T10:00:00.000Z',
      endedAt: '2026-11-23T10:00:03.200Z',
      ...changes,
    },
  },
})

describe('asking', () => {
  test('our agent gets an action id and a time after which it must not begin', () => {
    const asked = request({
      dialect: droverDialect,
      actionId,
      now,
      notAfter: new Date('2026-11-23T10:05:00Z'),
    })
    expect(asked).toMatchObject({
      type: 'method',
      methodName: 'reboot',
      payload: { actionId, notAfter: '2026-11-23T10:05:00.000Z' },
    })
  })

  test('a tutorial device gets what the tutorial sends', () => {
    const asked = request({ dialect: tutorialDialect, actionId, now, notAfter: new Date() })
    expect(asked).toMatchObject({ methodName: 'reboot', payload: null })
  })
})

describe('an answer', () => {
  test.each([200, 202, 204])('%d is acceptance and no more', (status) => {
    expect(judgeAnswer(answer(status, { state: 'completed' }))).toEqual({ name: 'accept' })
  })

  test('that says it was cancelled is a cancellation by the device, not its yes', () => {
    expect(judgeAnswer(answer(200, { actionId, state: 'cancelled' }))).toEqual({
      name: 'cancelled',
      reason: { code: 'cancelled-on-device' },
    })
  })

  test.each([
    [409, 'busy'],
    [410, 'expired'],
    [501, 'unsupported'],
    [503, 'locked'],
    [400, 'refused'],
    [500, 'refused'],
  ])('%d is a refusal of its own kind', (status, code) => {
    expect(judgeAnswer(answer(status))).toMatchObject({ name: 'fail', reason: { code } })
  })

  test("a refusal carries the device's own words, cut to a bearable length", () => {
    const event = judgeAnswer(answer(503, { state: 'refused', reason: 'x'.repeat(5000) }))
    expect(event.reason?.detail).toHaveLength(1024)
  })
})

describe('a look at the twin of our agent', () => {
  test('a report that it was cancelled there is no failure', () => {
    const { event } = judgeSighting(drover, sighting(report({ status: 'cancelled' })))
    expect(event).toEqual({ name: 'cancelled', reason: { code: 'cancelled-on-device' } })
  })

  test('another boot id under the same action id is success, with the down time', () => {
    const { event } = judgeSighting(drover, sighting(report()))
    expect(event).toMatchObject({
      name: 'succeed',
      evidence: { kind: 'boot-id', bootIdBefore: 'boot-a', bootIdAfter: 'boot-b', downMs: 3200 },
    })
  })

  test('the report of another action proves nothing', () => {
    expect(judgeSighting(drover, sighting(report({ actionId: 'another' }))).event).toBeUndefined()
  })

  test('the same boot id is no proof, whatever the device claims', () => {
    expect(judgeSighting(drover, sighting(report({ bootIdAfter: 'boot-a' }))).event).toMatchObject({
      name: 'lose',
      reason: { code: 'not-provable' },
    })
  })

  test('a missing boot id is no proof', () => {
    expect(judgeSighting(drover, sighting(report({ bootIdBefore: null }))).event?.name).toBe('lose')
  })

  test('a device that says it did not reboot has failed, in its own words', () => {
    const failed = report({
      status: 'failed',
      error: { code: 'did-not-reboot', message: 'still the same boot' },
    })
    expect(judgeSighting(drover, sighting(failed)).event).toEqual({
      name: 'fail',
      reason: { code: 'did-not-reboot', detail: 'still the same boot' },
    })
  })

  test('a device that is gone is away, not rebooting, and one that is back is back, not rebooted', () => {
    const gone = judgeSighting(drover, sighting({}, false))
    expect(gone.event).toEqual({ name: 'leave' })
    const back = judgeSighting(gone.following, sighting({}))
    expect(back.event).toEqual({ name: 'return' })
    const later = { ...sighting({}), readAt: '2026-11-23T11:00:00.000Z' }
    expect(judgeSighting(back.following, later).event).toBeUndefined()
  })

  test('a down time that makes no sense is left out', () => {
    const { event } = judgeSighting(drover, sighting(report({ endedAt: '2020-01-01T00:00:00.000Z' })))
    expect(event?.evidence).not.toHaveProperty('downMs')
  })

  test('no twin at all, however strange, is taken for success without two different boot ids', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (reported, isConnected) => {
        expect(judgeSighting(drover, sighting(reported as Json, isConnected)).event?.name).not.toBe('succeed')
      }),
    )
  })
})

describe('a look at the twin of a tutorial device', () => {
  const restarted = { iothubDM: { reboot: { lastReboot: '2026-11-23T10:00:01.000Z' } } }
  const away = judgeSighting(tutorial, sighting(restarted, false, '2026-11-23T10:00:02.000Z')).following

  test('its word, its leaving and its return together are shown and are still not proof', () => {
    const { event } = judgeSighting(away, sighting(restarted, true, '2026-11-23T10:00:06.000Z'))
    expect(event).toMatchObject({
      name: 'lose',
      reason: { code: 'not-provable' },
      evidence: {
        kind: 'reported',
        leftAt: '2026-11-23T10:00:02.000Z',
        returnedAt: '2026-11-23T10:00:06.000Z',
      },
    })
  })

  test('its word alone is not the end: it has not left yet', () => {
    expect(judgeSighting(tutorial, sighting(restarted)).event).toBeUndefined()
  })

  test('a return with the old time is a return, and no more', () => {
    const old = { iothubDM: { reboot: { lastReboot: tutorial.before.restartTime ?? null } } }
    expect(judgeSighting(away, sighting(old)).event).toEqual({ name: 'return' })
  })

  test('a second absence begins a new wait for its return', () => {
    const returned = judgeSighting(away, sighting({}, true)).following
    expect(judgeSighting(returned, sighting({}, false)).following.returnedAt).toBeUndefined()
  })

  test("the sample's and the Java vocabulary count as well", () => {
    for (const said of [{ iothubDM: { reboot: { startedRebootTime: 'now' } } }, { lastReboot: 'now' }]) {
      expect(judgeSighting(away, sighting(said)).event?.evidence).toMatchObject({ lastReboot: 'now' })
    }
  })
})

describe('a look at the twin of a Windows IoT device', () => {
  const windows: Following = { ...drover, dialect: windowsIot, before: { bootTime: '2026-11-01T00:00:00Z' } }
  const booted = (lastBootTime: string): Json => ({ windows: { rebootInfo: { lastBootTime } } })

  test('another boot time proves the reboot, for the system itself counts it', () => {
    expect(judgeSighting(windows, sighting(booted('2026-11-23T10:00:04Z'))).event).toMatchObject({
      name: 'succeed',
      evidence: { kind: 'boot-time', before: '2026-11-01T00:00:00Z', after: '2026-11-23T10:00:04Z' },
    })
  })

  test('the old boot time proves nothing, and a device that is back is waited for', () => {
    const { following, event } = judgeSighting(windows, sighting(booted('2026-11-01T00:00:00Z'), false))
    expect(event).toEqual({ name: 'leave' })
    expect(judgeSighting(following, sighting(booted('2026-11-01T00:00:00Z'))).event).toEqual({
      name: 'return',
    })
  })

  test('a first boot time is no change', () => {
    const unknown: Following = { ...windows, before: {} }
    expect(judgeSighting(unknown, sighting(booted('2026-11-23T10:00:04Z'))).event).toBeUndefined()
  })
})

describe('the deadline', () => {
  test('makes a device that never came back unknown, never failed', () => {
    expect(judgeDeadline(drover, undefined)).toEqual({ name: 'lose', reason: { code: 'did-not-return' } })
  })

  test('of a device that said yes and never left is a finding of its own', () => {
    expect(judgeDeadline(drover, sighting({}))).toEqual({ name: 'lose', reason: { code: 'never-rebooted' } })
    const said = sighting({ iothubDM: { reboot: { lastReboot: 'now' } } })
    expect(judgeDeadline(tutorial, said)).toMatchObject({
      reason: { code: 'never-rebooted' },
      evidence: { lastReboot: 'now' },
    })
  })

  test('shows what a tutorial device had said before it left', () => {
    const said = sighting({ iothubDM: { reboot: { lastReboot: 'now' } } })
    expect(judgeDeadline({ ...tutorial, leftAt: said.readAt }, said)).toMatchObject({
      name: 'lose',
      reason: { code: 'not-provable' },
      evidence: { lastReboot: 'now' },
    })
  })
})
