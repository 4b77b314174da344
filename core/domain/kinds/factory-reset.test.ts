import { describe, expect, test } from 'vitest'
import { ActionId } from '../../../contract/app/ids.ts'
import { drover } from '../dialects/drover.ts'
import { remoteMonitoring } from '../dialects/remote-monitoring.ts'
import { windowsIot } from '../dialects/windows-iot.ts'
import type { HubAnswer } from '../hub-request.ts'
import type { Json, JsonObject } from '../json.ts'
import { factoryResetRules } from './factory-reset.ts'
import type { Asking, Following, Sighting } from './kind.ts'

const actionId = ActionId.parse('01JD000000000000000000000A')
const readAt = '2026-11-23T10:00:05.000Z'
const asking: Asking = {
  actionId,
  dialect: drover,
  now: new Date('2026-11-23T10:00:00Z'),
  notAfter: new Date('2026-11-23T10:05:00Z'),
}
const following: Following = {
  actionId,
  dialect: drover,
  before: {},
  leftAt: undefined,
  returnedAt: undefined,
}

const answer = (status: number, payload: Json): HubAnswer => ({ type: 'method', status, payload, at: readAt })
const sighting = (reported: Json, isConnected = true): Sighting => ({
  ...{ isConnected, reported, readAt },
  ...{ desired: {}, tags: {}, version: 1 },
})
const armed: JsonObject = {
  actionId,
  state: 'armed',
  nonce: 'n0nce-n0nce-n0nce-n0nce',
  validSeconds: 60,
  wipes: ['/var/lib/app'],
  keeps: ['identity'],
  willReturn: true,
}
const report = (changes: JsonObject = {}): Json => ({
  iothubDM: {
    factoryReset: {
      actionId,
      status: 'completed',
      endedAt: '2026-11-23T10:00:04Z',
      kept: ['identity'],
      ...changes,
    },
  },
})

describe('asking our agent for a factory reset', () => {
  test('begins with what changes nothing', () => {
    expect(factoryResetRules.request(asking)).toMatchObject({
      methodName: 'factoryReset',
      payload: { actionId, phase: 'arm', notAfter: '2026-11-23T10:05:00.000Z' },
    })
  })

  test('goes on with the nonce that the device gave', () => {
    expect(factoryResetRules.judgeAnswer(answer(200, armed), asking)).toMatchObject({
      next: { payload: { actionId, phase: 'execute', nonce: 'n0nce-n0nce-n0nce-n0nce' } },
    })
  })

  test('ends with the acceptance of the second question', () => {
    const accepted = answer(202, { actionId, state: 'accepted' })
    expect(factoryResetRules.judgeAnswer(accepted, asking)).toEqual({ name: 'accept' })
  })

  test.each([
    [503, 'locked'],
    [409, 'busy'],
    [410, 'expired'],
    [501, 'unsupported'],
    [400, 'refused'],
  ])('an answer of %d to the first question is the end, and wipes nothing', (status, code) => {
    const refused = answer(status, { ...armed, state: 'refused', reason: 'no' })
    expect(factoryResetRules.judgeAnswer(refused, asking)).toMatchObject({ name: 'fail', reason: { code } })
  })

  test('goes no further where the device would lose its identity and nobody was warned of it', () => {
    const lonely = answer(200, { ...armed, willReturn: false })
    const judge = (keepsIdentity: boolean | undefined) =>
      factoryResetRules.judgeAnswer(lonely, { ...asking, keepsIdentity })
    expect(judge(true)).toEqual({ name: 'fail', reason: { code: 'would-not-return' } })
    expect(judge(false)).toHaveProperty('next')
    expect(judge(undefined)).toHaveProperty('next')
  })

  test("another action's nonce is not used", () => {
    const foreign = answer(200, { ...armed, actionId: 'somebody-else' })
    expect(factoryResetRules.judgeAnswer(foreign, asking)).not.toHaveProperty('next')
  })
})

describe('following a factory reset', () => {
  const judge = (reported: Json, isConnected = true, from = following) =>
    factoryResetRules.twin.judge(from, sighting(reported, isConnected)).event

  test('a report of the new system under the same id proves it, and says what was kept', () => {
    expect(judge(report())).toEqual({
      name: 'succeed',
      evidence: { kind: 'reset', kept: ['identity'], endedAt: '2026-11-23T10:00:04Z', readAt },
    })
  })

  test("another action's report proves nothing", () => {
    expect(judge(report({ actionId: 'another' }))).toBeUndefined()
  })

  test('a wipe that failed has failed, in the words of the device', () => {
    const failed = report({ status: 'failed', error: { code: 'wipe-failed', message: 'busy mount' } })
    expect(judge(failed)).toEqual({ name: 'fail', reason: { code: 'device-failed', detail: 'busy mount' } })
  })

  test('a reset that its owner took back is cancelled, and has not failed', () => {
    expect(judge(report({ status: 'cancelled' }))).toEqual({
      name: 'cancelled',
      reason: { code: 'cancelled-on-device' },
    })
  })

  test('a device that has left is working on it', () => {
    expect(judge({}, false)).toEqual({ name: 'leave' })
  })

  test('a device that never returns is unknown', () => {
    expect(factoryResetRules.twin.judgeDeadline()).toEqual({
      name: 'lose',
      reason: { code: 'did-not-return' },
    })
  })

  test('a Windows device says fresh words, and old ones are not taken for new', () => {
    const said = (state: string, time: string): Json => ({
      windows: { factoryReset: { lastChange: { state, time } } },
    })
    const windows: Following = {
      ...following,
      dialect: windowsIot,
      before: windowsIot.readState(said('completed', 'last year')),
    }
    expect(judge(said('completed', 'last year'), true, windows)).toBeUndefined()
    expect(judge(said('pending', 'now'), true, windows)).toMatchObject({
      name: 'progress',
      phase: 'resetting',
    })
    expect(judge(said('failed', 'now'), true, windows)).toMatchObject({ name: 'fail' })
    expect(judge(said('completed', 'now'), true, windows)).toMatchObject({
      name: 'succeed',
      evidence: { kind: 'status', status: 'completed', at: 'now' },
    })
  })

  test('families without two steps are asked once', () => {
    const monitored = { ...asking, dialect: remoteMonitoring }
    expect(factoryResetRules.request(monitored)).toMatchObject({ methodName: 'FactoryReset', payload: null })
    expect(factoryResetRules.judgeAnswer(answer(200, armed), monitored)).toEqual({ name: 'accept' })
  })
})
