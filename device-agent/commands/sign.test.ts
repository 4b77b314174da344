import { createPublicKey } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FirmwareRequest, judgeFirmware } from '../firmware/plan.ts'
import { readTrustedKeys } from '../firmware/trusted-keys.ts'
import { keygen } from './keygen.ts'
import { sign } from './sign.ts'

const now = Date.parse('2026-11-01T00:00:00Z')
let folder: string
let keyFile: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-sign-'))
  await keygen(['--out', folder])
  keyFile = join(folder, (await readdir(folder)).find((name) => name.endsWith('.private.pem')) ?? '')
  await writeFile(join(folder, 'pump.bin'), 'pump 2.4.1\n')
})
afterEach(() => rm(folder, { recursive: true }))

function parameters(change: Readonly<Record<string, string | undefined>> = {}): string[] {
  const given: Readonly<Record<string, string | undefined>> = {
    ...{
      key: keyFile,
      package: join(folder, 'pump.bin'),
      uri: 'https://firmware.example/pump.bin?sig=token',
    },
    ...{ 'fw-version': '2.4.1', sequence: '7', hardware: 'pump-mk1,pump-mk2', module: 'file' },
    ...change,
  }
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
}

test('a pair of keys is made, of which others can read the public one only', async () => {
  const names = await readdir(folder)
  const publicFile = names.find((name) => /^[0-9a-f]{32}\.pem$/.test(name)) ?? ''
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  expect(await readFile(join(folder, publicFile), 'utf8')).toContain('BEGIN PUBLIC KEY')
})

test('what is signed is what a device with the public key takes', async () => {
  const release = FirmwareRequest.parse(JSON.parse(await sign(parameters(), now)))
  await rm(keyFile)
  const keys = await readTrustedKeys(folder)
  const trust = { keys, hardware: 'pump-mk2', floor: 7, now, unsignedModule: undefined }
  expect(judgeFirmware(release, trust)).toMatchObject({
    plan: { version: '2.4.1', sequence: 7, size: 11, module: 'file' },
  })
  expect(judgeFirmware(release, { ...trust, now: now + 91 * 86_400_000 })).toMatchObject({
    problem: { code: 'expired' },
  })
})

test('a release for one place only holds that place', async () => {
  const release = FirmwareRequest.parse(JSON.parse(await sign([...parameters(), '--only-there'], now)))
  const keys = new Map([[release.keyId ?? '', createPublicKey(await readFile(keyFile, 'utf8'))]])
  const trust = { keys, hardware: 'pump-mk2', floor: undefined, now, unsignedModule: undefined }
  expect(judgeFirmware(release, trust)).toHaveProperty('plan')
  expect(judgeFirmware({ ...release, fwPackageUri: 'https://mirror.example/pump.bin' }, trust)).toMatchObject(
    {
      problem: { code: 'mismatch' },
    },
  )
})

test('the signature is one that OpenSSL verifies too', async () => {
  const release = FirmwareRequest.parse(JSON.parse(await sign(parameters(), now)))
  await writeFile(join(folder, 'manifest'), release.manifest ?? '')
  await writeFile(join(folder, 'signature'), Buffer.from(release.signature ?? '', 'base64'))
  const publicFile = join(folder, `${release.keyId ?? ''}.pem`)
  const verify = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', publicFile]
  const files = ['-in', join(folder, 'manifest'), '-sigfile', join(folder, 'signature')]
  expect(execFileSync('openssl', [...verify, ...files], { encoding: 'utf8' })).toContain('Success')
})

test.each([
  ['sequence', undefined, 'sign needs --sequence'],
  ['sequence', '-1', '--sequence is not valid'],
  ['sequence', 'seven', '--sequence is not valid'],
  ['hardware', 'pump mk2', '--hardware is not valid'],
  ['module', '../evil', '--module is not valid'],
  ['fw-version', '2 4', '--fw-version is not valid'],
  ['uri', 'http://firmware.example/a', '--uri must be an https address'],
  ['expires', '2026-10-31', '--expires is over already'],
  ['expires', 'soon', '--expires must be a date, such as 2027-01-31'],
])('--%s %s is refused by its name', async (name, value, message) => {
  await expect(sign(parameters({ [name]: value }), now)).rejects.toThrow(message)
})

test('an empty package, and a key that is none, are refused', async () => {
  await writeFile(join(folder, 'empty'), '')
  await expect(sign(parameters({ package: join(folder, 'empty') }), now)).rejects.toThrow('--package')
  const pem = join(folder, 'pump.bin')
  await expect(sign(parameters({ key: pem }), now)).rejects.toThrow('no Ed25519 private key')
})

test('no key is ever written over another file', async () => {
  await expect(keygen(['--out', join(folder, 'nowhere')])).rejects.toThrow('ENOENT')
})
