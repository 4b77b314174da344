import { describe, expect, test } from 'vitest'
import { ActionId } from '../../../contract/app/ids.ts'
import { configuration } from '../dialects/configuration.ts'
import type { DialectRules } from '../dialects/dialect.ts'
import { drover } from '../dialects/drover.ts'
import { remoteMonitoring } from '../dialects/remote-monitoring.ts'
import { tutorial } from '../dialects/tutorial.ts'
import type { Json, JsonObject } from '../json.ts'
import { firmwareUpdateRules } from './firmware-update.ts'
import type { Following, Sighting } from './kind.ts'

const actionId = ActionId.parse('01JD000000000000000000000A')
const readAt = '2026-11-23T10:00:05.000Z'
const release = {
  fwVersion: '2.0.0',
  sha256: 'a'.repeat(64),
  size: 1_000,
  keyId: 'b'.repeat(32),
  signature: `${'c'.repeat(86)}==`,
  manifest: '{"format":"drover-firmware/1"}',
}
const parameters = {
  kind: 'firmwareUpdate',
  fwVersion: '2.0.0',
  fwPackageUri: 'https://packages.example/2.0.0.bin',
  release: JSON.stringify(release),
} as const
const { release: _release, ...unsigned } = parameters
const rules = firmwareUpdateRules(parameters)

const asking = (dialect: DialectRules) => ({
  ...{ actionId, dialect },
  ...{ now: new Date('2026-11-23T10:00:00Z'), notAfter: new Date('2026-11-23T10:05:00Z') },
})
const followingOf = (dialect: DialectRules, reported: Json = {}): Following => ({
  ...{ actionId, dialect, before: dialect.readState(reported) },
  ...{ leftAt: undefined, returnedAt: undefined },
})
const sighting = (reported: Json, isConnected = true): Sighting => ({
  ...{ isConnected, reported, readAt },
  ...{ desired: {}, tags: {}, version: 1 },
})
const eventOf = (following: Following, reported: Json, isConnected = true) =>
  rules.twin?.judge(following, sighting(reported, isConnected)).event

describe('asking for firmware', () => {
  test('our agent gets what was signed, as it was, with the action id', () => {
    expect(rules.request(asking(drover))).toMatchObject({
      methodName: 'firmwareUpdate',
      payload: {
        ...release,
        actionId,
        fwPackageUri: parameters.fwPackageUri,
        notAfter: '2026-11-23T10:05:00.000Z',
      },
    })
  })

  test('each family gets what it knows', () => {
    const requestOf = (dialect: DialectRules) => rules.request(asking(dialect))
    expect(requestOf(tutorial)).toMatchObject({ payload: { fwPackageUri: parameters.fwPackageUri } })
    expect(requestOf(remoteMonitoring)).toMatchObject({
      methodName: 'FirmwareUpdate',
      payload: { Firmware: '2.0.0', FirmwareUri: parameters.fwPackageUri },
    })
    expect(requestOf(configuration)).toEqual({
      type: 'patch',
      sections: {
        desired: {
          firmware: {
            fwVersion: '2.0.0',
            fwPackageURI: parameters.fwPackageUri,
            fwPackageCheckValue: release.sha256,
          },
        },
      },
    })
  })

  test.each<[string, string]>([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['a wrong hash', JSON.stringify({ ...release, sha256: 'x' })],
    ['another version', JSON.stringify({ ...release, fwVersion: '3.0.0' })],
  ])('%s is refused before anything is sent', (_, text) => {
    expect(() => firmwareUpdateRules({ ...parameters, release: text })).toThrow(
      expect.objectContaining({ code: 'invalid-input', field: 'release' }) as Error,
    )
  })

  test.each(['http://packages.example/a', 'ftp://a', 'https://user:secret@packages.example/a', 'a'])(
    '%s is no address of a package',
    (fwPackageUri) => {
      expect(() => firmwareUpdateRules({ ...unsigned, fwPackageUri })).toThrow('https')
    },
  )
})

describe('following our agent', () => {
  const following = followingOf(drover, {
    iothubDM: { agent: { version: '1', bootId: 'b', firmwareVersion: '1.0.0', actions: [] } },
  })
  const report = (status: string, changes: JsonObject = {}, firmwareVersion = '1.0.0'): Json => ({
    iothubDM: {
      agent: { version: '1', bootId: 'b', firmwareVersion, actions: [] },
      firmwareUpdate: { actionId, status, fwVersion: '2.0.0', ...changes },
    },
  })

  test('its phase and percent are shown', () => {
    expect(eventOf(following, report('downloading', { progress: 41.6 }))).toEqual({
      name: 'progress',
      phase: 'downloading',
      percent: 42,
    })
  })

  test('it has succeeded when it says so under the same id and runs the version', () => {
    expect(eventOf(following, report('applyComplete', {}, '2.0.0'))).toEqual({
      name: 'succeed',
      evidence: { kind: 'firmware', versionBefore: '1.0.0', versionAfter: '2.0.0', readAt },
    })
  })

  test('its word alone is not enough while it runs the old version', () => {
    expect(eventOf(following, report('applyComplete'))).toBeUndefined()
  })

  test("another action's success proves nothing", () => {
    expect(eventOf(following, report('applyComplete', { actionId: 'another' }, '2.0.0'))).toBeUndefined()
  })

  test.each([
    ['downloadFailed', 'download-failed'],
    ['applyFailed', 'apply-failed'],
    ['rolledBack', 'rolled-back'],
  ])('%s has failed, for the reason that it gives', (status, code) => {
    const said = report(status, { error: { code: 'wrong-hash', message: 'The hash is another one.' } })
    expect(eventOf(following, said)).toEqual({
      name: 'fail',
      reason: { code, detail: 'The hash is another one.' },
    })
  })

  test('it is cancelled where its owner took it back, and has not failed', () => {
    expect(eventOf(following, report('cancelled', { error: { code: 'cancelled' } }))).toEqual({
      name: 'cancelled',
      reason: { code: 'cancelled-on-device', detail: 'cancelled' },
    })
  })

  test('it is away while it reboots', () => {
    expect(eventOf(following, {}, false)).toEqual({ name: 'leave' })
  })
})

describe('following the other families', () => {
  const said = (status: string, time: string): Json => ({
    iothubDM: { firmwareUpdate: { status, lastFirmwareUpdate: time } },
  })

  test('a tutorial device has its fresh word, and the old one counts for nothing', () => {
    const following = followingOf(tutorial, said('applyComplete', 'last year'))
    expect(eventOf(following, said('applyComplete', 'last year'))).toBeUndefined()
    expect(eventOf(following, said('download complete', 'last year'))).toMatchObject({ phase: 'downloading' })
    expect(eventOf(following, said('apply firmware image complete', 'now'))).toMatchObject({
      name: 'succeed',
      evidence: { kind: 'status', status: 'apply firmware image complete' },
    })
    expect(eventOf(following, said('downloadfailed', 'now'))).toMatchObject({
      name: 'fail',
      reason: { code: 'download-failed' },
    })
  })

  test('a configured device is done when it runs the version that was wanted', () => {
    const state = (fwUpdateStatus: string, currentFwVersion: string, fwUpdateSubstatus = ''): Json => ({
      firmware: { fwUpdateStatus, currentFwVersion, fwUpdateSubstatus },
    })
    const following = followingOf(configuration, state('current', '1.0.0'))
    expect(eventOf(following, state('current', '1.0.0'))).toBeUndefined()
    expect(eventOf(following, state('downloading', '1.0.0', '40%'))).toMatchObject({ percent: 40 })
    expect(eventOf(following, state('current', '1.9.0'))).toBeUndefined()
    expect(eventOf(following, state('rolledback', '1.0.0'))).toMatchObject({
      reason: { code: 'rolled-back' },
    })
    expect(eventOf(following, state('current', '2.0.0'))).toMatchObject({
      evidence: { kind: 'firmware', versionBefore: '1.0.0', versionAfter: '2.0.0' },
    })
  })

  test('a monitored device says its version at the root', () => {
    const state = (FirmwareUpdateStatus: string, Firmware: string): Json => ({
      ...{ SupportedMethods: 'Reboot,FirmwareUpdate', FirmwareUpdateStatus, Firmware },
    })
    const following = followingOf(remoteMonitoring, state('Firmware updated', '1.0.0'))
    expect(eventOf(following, state('Downloading image..', '1.0.0'))).toMatchObject({ phase: 'downloading' })
    expect(eventOf(following, state('Firmware updated', '2.0.0'))).toMatchObject({ name: 'succeed' })
  })
})
