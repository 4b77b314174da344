import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SystemParts } from '../adapters/system-parts.ts'
import { toOptions } from '../options.ts'
import { check, describeFindings, type CheckParts, type Finding } from './check.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-check-'))
  file = join(folder, 'connection-string')
  await writeFile(file, 'HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0', { mode: 0o600 })
})
afterEach(() => rm(folder, { recursive: true }))

const healthy: SystemParts = {
  platform: 'linux',
  read: (path) =>
    path.endsWith('boot_id') ? Promise.resolve('boot-1\n') : Promise.reject(new Error(`no ${path}`)),
  exists: (path) => path === '/usr/bin/systemctl',
  environment: {},
  run: () => Promise.reject(new Error('a check runs nothing')),
}

const reset = {
  ...{ wipes: ['/data'], keeps: ['identity'], willReturn: true },
  wipe: () => Promise.reject(new Error('a check wipes nothing')),
}

async function checked(changes: Partial<CheckParts> = {}): Promise<Record<string, Finding>> {
  const options = toOptions({ 'state-dir': folder, 'connection-string-file': file })
  const lockedBy = () => Promise.resolve(undefined)
  const findings = await check({ options, system: healthy, lockedBy, hasConnectionString: false, ...changes })
  return Object.fromEntries(findings.map((finding) => [finding.subject, finding]))
}

test('a healthy machine has no problem, and the way to reboot is named', async () => {
  const { 'action firmwareUpdate': firmware, ...findings } = await checked({ system: { ...healthy, reset } })
  expect(new Set(Object.values(findings).map(({ verdict }) => verdict))).toEqual(new Set(['ok']))
  // An owner who wants no updates over the hub has nothing to mend.
  expect(firmware?.verdict).toBe('note')
  expect(findings['action reboot']?.text).toBe('would be done by systemctl --no-ask-password reboot')
  expect(findings['boot id']?.text).toBe('boot-1')
})

test('a check leaves nothing behind, and shows no key', async () => {
  const lines = describeFindings(Object.values(await checked()))
  expect(await readdir(folder)).toEqual(['connection-string'])
  expect(lines.join('\n')).not.toContain('c2VjcmV0')
})

test('a container cannot reboot, and says so as it would answer', async () => {
  const findings = await checked({ system: { ...healthy, exists: (path) => path === '/.dockerenv' } })
  expect(findings['action reboot']).toMatchObject({ verdict: 'problem' })
  expect(findings['action reboot']?.text).toMatch(/would be refused with 501: .*container/)
})

test('a machine without any command to reboot is a problem', async () => {
  const findings = await checked({ system: { ...healthy, exists: () => false } })
  expect(findings['action reboot']).toMatchObject({ verdict: 'problem' })
})

test('a locked machine is as it should be, and the answer is foretold', async () => {
  const findings = await checked({ lockedBy: () => Promise.resolve('in use') })
  expect(findings['update lock']).toMatchObject({ verdict: 'note', text: 'in use' })
  expect(findings['action reboot']).toMatchObject({
    verdict: 'note',
    text: 'would be refused with 503: in use',
  })
})

test('a factory reset is foretold with what it wipes and keeps', async () => {
  const foretold = async (system: Partial<SystemParts>) => {
    const findings = await checked({ system: { ...healthy, ...system } })
    return findings['action factoryReset']
  }
  expect(await foretold({ reset })).toMatchObject({
    verdict: 'ok',
    text: 'would wipe /data; would keep identity',
  })
  const lonely = { ...reset, willReturn: false }
  expect((await foretold({ reset: lonely }))?.text).toContain('would not come back by itself')
  expect(await foretold({})).toMatchObject({
    verdict: 'note',
    text: expect.stringContaining('501') as string,
  })
  expect(await foretold({ reset, exists: (path) => path === '/.dockerenv' })).toMatchObject({
    verdict: 'problem',
  })
})

test('a simulated machine only pretends', async () => {
  const options = toOptions({ 'state-dir': folder, 'connection-string-file': file, simulate: 'yes' })
  const findings = await checked({ options })
  expect(findings['action reboot']?.text).toContain('pretend')
})

test('a boot id that cannot be read is a problem', async () => {
  const findings = await checked({ system: { ...healthy, read: () => Promise.reject(new Error('EACCES')) } })
  expect(findings['boot id']).toMatchObject({ verdict: 'problem' })
})

test('a connection string that everyone can read, that lacks a part or is not there is a problem', async () => {
  await chmod(file, 0o644)
  if (process.platform !== 'win32')
    expect((await checked())['connection string']).toMatchObject({ verdict: 'problem' })
  await chmod(file, 0o600)
  await writeFile(file, 'HostName=h')
  expect((await checked())['connection string']?.text).toContain('DeviceId')
  await rm(file)
  expect((await checked())['connection string']).toMatchObject({ verdict: 'problem' })
  expect((await checked({ hasConnectionString: true }))['connection string']).toMatchObject({ verdict: 'ok' })
})

test('a state folder that is not there yet is made by the first run', async () => {
  const settings = { 'connection-string-file': file }
  const fresh = toOptions({ ...settings, 'state-dir': join(folder, 'new') })
  expect((await checked({ options: fresh }))['state folder']).toMatchObject({ verdict: 'note' })
  const lost = toOptions({ ...settings, 'state-dir': join(folder, 'no/where') })
  expect((await checked({ options: lost }))['state folder']).toMatchObject({ verdict: 'problem' })
})

test('the file of the connection string is no folder for the state', async () => {
  const options = toOptions({ 'state-dir': file, 'connection-string-file': file })
  expect((await checked({ options }))['state folder']).toMatchObject({ verdict: 'problem' })
})

test('a clock that fell behind what was known is a problem', async () => {
  expect((await checked())['clock']).toMatchObject({ verdict: 'ok' })
  await writeFile(join(folder, 'clock'), `${Math.floor(Date.now() / 1000) + 86_400}\n`)
  const { verdict, text } = (await checked())['clock'] ?? {}
  expect(verdict).toBe('problem')
  expect(text).toMatch(/^\S+Z: it was later than \S+Z before$/)
})
