import { expect, test } from 'vitest'
import { startFirmwareDevice } from '../testing/fake-firmware.ts'
import { FirmwareError } from '../firmware/problem.ts'

test('new firmware is downloaded, installed, booted, found well and committed', async () => {
  const device = await startFirmwareDevice()
  expect(await device.update()).toMatchObject({
    status: 202,
    payload: { actionId: 'update-1', state: 'accepted' },
  })
  expect(await device.finish()).toMatchObject({
    ...{ actionId: 'update-1', status: 'applyComplete', fwVersion: '2.0', progress: 100 },
    fwPackageUri: 'https://firmware.example/pump.bin',
  })
  expect(device.verbs).toEqual(['probe', 'install', 'probe', 'commit'])
  expect(device.reboots()).toBe(1)
  expect(device.floors).toEqual([7])
  // In the twin this is what proves it to a back end, also one that only reads the agent's part.
  expect(device.report().agent?.firmwareVersion).toBe('2.0')
  expect(await device.version('boot-9')).toBe('2.0')
  await device.stop()
})

test('a module that needs no reboot gets none', async () => {
  const device = await startFirmwareDevice({ needsReboot: false, module: (verb) => versions(verb, '2.0') })
  await device.update()
  expect((await device.finish())?.status).toBe('applyComplete')
  expect(device.reboots()).toBe(0)
  await device.stop()
})

test('progress is told on the way, and no block has more than a kibibyte', async () => {
  const device = await startFirmwareDevice()
  const seen: string[] = []
  const long = `https://firmware.example/${'x'.repeat(1500)}?sig=token`
  await device.update({ fwVersion: 'v'.repeat(64), actionId: 'a'.repeat(64), fwPackageUri: long })
  for (let seconds = 0; seconds < 60; seconds += 1) {
    await device.clock.advance(1_000)
    const report = device.firmwareReport()
    if (report !== undefined && seen.at(-1) !== report.status) seen.push(report.status)
    expect(Buffer.byteLength(JSON.stringify(report ?? {}))).toBeLessThanOrEqual(1024)
  }
  expect(seen).toContain('downloading')
  expect(seen.at(-1)).toBe('applyComplete')
  await device.stop()
})

test('what was true at the call must still be true before anything is touched', async () => {
  const judge = (look: number) =>
    look < 3 ? undefined : ({ code: 'expired', message: 'meanwhile' } as const)
  const device = await startFirmwareDevice({ judge })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'applyFailed', error: { code: 'expired' } })
  expect(device.verbs).toEqual([])
  await device.stop()
})

test.each([
  ['endless-data', 'endless-data'],
  ['wrong-hash', 'wrong-hash'],
] as const)('a download that fails with %s says so, and installs nothing', async (code, expected) => {
  const device = await startFirmwareDevice({
    fetch: () => Promise.reject(new FirmwareError(code, 'because')),
  })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'downloadFailed', error: { code: expected } })
  expect(device.verbs).toEqual([])
  await device.stop()
})

test('a disk that has changed the package is found out before the installation', async () => {
  const verify = () => Promise.reject(new FirmwareError('wrong-hash', 'other bytes'))
  const device = await startFirmwareDevice({ verify })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'downloadFailed', error: { code: 'wrong-hash' } })
  expect(device.verbs).toEqual([])
  await device.stop()
})

test('a module that is not for this device is named', async () => {
  const unavailable = { kind: 'unavailable', reason: 'no valve here' } as const
  const device = await startFirmwareDevice({ module: () => Promise.resolve(unavailable) })
  await device.update()
  expect(await device.finish()).toMatchObject({
    status: 'applyFailed',
    error: { code: 'no-module', message: 'no valve here' },
  })
  expect(device.verbs).toEqual(['probe'])
  await device.stop()
})

test('a device that was locked during the download installs nothing', async () => {
  const lock: { reason?: string } = {}
  const device = await startFirmwareDevice({}, { lockedBy: () => Promise.resolve(lock.reason) })
  await device.update()
  await device.clock.advance(5_000)
  lock.reason = 'surgery'
  expect(await device.finish()).toMatchObject({ status: 'applyFailed', error: { code: 'locked' } })
  expect(device.verbs).toEqual(['probe'])
  await device.stop()
})

test('an installation that fails is taken back, without a reboot', async () => {
  const module = (verb: string) =>
    verb === 'install'
      ? Promise.resolve({ kind: 'failed', reason: 'the valve is stuck' } as const)
      : undefined
  const device = await startFirmwareDevice({ module })
  await device.update()
  expect(await device.finish()).toMatchObject({
    status: 'applyFailed',
    error: { code: 'install-failed', message: 'the valve is stuck' },
  })
  expect(device.verbs).toEqual(['probe', 'install', 'rollback'])
  expect(device.reboots()).toBe(0)
  await device.stop()
})

test('an image that is not well is rolled back, and the device says so from the old one', async () => {
  const device = await startFirmwareDevice({ health: () => Promise.resolve('the pump does not turn') })
  await device.update()
  expect(await device.finish()).toMatchObject({
    status: 'rolledBack',
    error: { code: 'unhealthy', message: 'the pump does not turn' },
  })
  expect(device.reboots()).toBe(2)
  expect(device.floors).toEqual([])
  expect(await device.version('boot-9')).toBe('1.0')
  await device.stop()
})

test('a health check that hangs is a health check that fails', async () => {
  const health = (signal: AbortSignal) =>
    new Promise<undefined>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'))
      })
    })
  const device = await startFirmwareDevice({ health })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'rolledBack', error: { code: 'unhealthy' } })
  await device.stop()
})

test('a health check that needs a while is waited for', async () => {
  let looks = 0
  const health = () => Promise.resolve((looks += 1) < 5 ? 'not yet' : undefined)
  const device = await startFirmwareDevice({ health })
  await device.update()
  expect((await device.finish())?.status).toBe('applyComplete')
  await device.stop()
})

test('an image that cannot reach the hub is rolled back, and the hub hears of it afterwards', async () => {
  const device = await startFirmwareDevice()
  await device.update()
  await device.clock.advance(12_000)
  device.hub.isRefusing = true
  device.hub.drop()
  for (let minutes = 0; minutes < 6; minutes += 1) await device.clock.advance(60_000)
  device.hub.isRefusing = false
  expect(await device.finish()).toMatchObject({
    status: 'rolledBack',
    error: { code: 'unhealthy', message: 'the hub could not be reached' },
  })
  expect(await device.version('boot-9')).toBe('1.0')
  await device.stop()
})

test('a boot loader that has fallen back by itself is believed by the version, and needs no reboot', async () => {
  const module = (verb: string) => (verb === 'probe' ? versions('probe', '1.0') : undefined)
  const device = await startFirmwareDevice({ module })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'rolledBack', error: { code: 'wrong-version' } })
  expect(device.reboots()).toBe(1)
  await device.stop()
})

test('a machine that does not go down keeps its old firmware', async () => {
  const device = await startFirmwareDevice({}, { onReboot: () => Promise.resolve() })
  await device.update()
  expect(await device.finish()).toMatchObject({ status: 'rolledBack', error: { code: 'did-not-reboot' } })
  expect(device.verbs).toEqual(['probe', 'install', 'rollback'])
  await device.stop()
})

test('an image whose agent is started again and again is given up after three starts', async () => {
  const device = await startFirmwareDevice({ health: () => Promise.resolve('not yet') })
  await device.update()
  await device.clock.advance(25_000)
  for (let starts = 0; starts < 3; starts += 1) {
    await device.restartAgent()
    await device.clock.advance(1_000)
  }
  expect(await device.finish()).toMatchObject({
    status: 'rolledBack',
    error: { code: 'too-many-tries', message: 'not well after 3 starts' },
  })
  await device.stop()
})

test('a commit that fails now and then is tried again; one that always fails is a rollback', async () => {
  let failures = 2
  const flaky = (verb: string) =>
    verb === 'commit' && failures-- > 0
      ? Promise.resolve({ kind: 'failed', reason: 'busy' } as const)
      : undefined
  const device = await startFirmwareDevice({ module: flaky })
  await device.update()
  expect((await device.finish())?.status).toBe('applyComplete')
  await device.stop()

  const stuck = (verb: string) =>
    verb === 'commit' ? Promise.resolve({ kind: 'failed', reason: 'busy' } as const) : undefined
  const other = await startFirmwareDevice({ module: stuck })
  await other.update()
  expect(await other.finish()).toMatchObject({ status: 'rolledBack', error: { code: 'commit-failed' } })
  await other.stop()
})

test('a rollback that does not succeed is not called one', async () => {
  const module = (verb: string) =>
    verb === 'rollback' ? Promise.resolve({ kind: 'failed', reason: 'the slot is gone' } as const) : undefined
  const device = await startFirmwareDevice({ health: () => Promise.resolve('it is ill'), module })
  await device.update()
  const report = await device.finish()
  expect(report).toMatchObject({ status: 'applyFailed', error: { code: 'rollback-failed' } })
  expect(report?.error?.message).toMatch(/it is ill.*the slot is gone/)
  await device.stop()
})

test('a download can be cancelled, and an installation cannot', async () => {
  const device = await startFirmwareDevice({ health: () => Promise.resolve('not yet') })
  await device.update()
  await device.clock.advance(5_000)
  expect(await device.cancel('update-1')).toMatchObject({ status: 200, payload: { state: 'cancelled' } })
  await device.clock.advance(60_000)
  expect(device.firmwareReport()).toMatchObject({ status: 'cancelled' })
  expect(device.verbs).toEqual([])
  await device.update({ actionId: 'update-2' })
  await device.clock.advance(30_000)
  expect(await device.cancel('update-2')).toMatchObject({ status: 409, payload: { state: 'testing' } })
  await device.stop()
})

function versions(verb: string, version: string) {
  return verb === 'probe' ? Promise.resolve({ kind: 'done', version, needsReboot: true } as const) : undefined
}
