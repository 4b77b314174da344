import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { selfSigned } from '../../local-hub/testing/device-certificates.ts'
import { toOptions } from '../options.ts'
import type { Settings } from '../setting-values.ts'
import { provision } from './provision.ts'

const valid = 'HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0'
const key = Buffer.from('a key of 32 bytes, more or less.').toString('base64')
let [folder, source, target] = ['', '', '']
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-provision-'))
  source = join(folder, 'source')
  target = join(folder, 'target')
})
afterEach(() => rm(folder, { recursive: true }))

const take = (given: Settings, configured: Settings, groupKeyFile?: string) =>
  provision({ settings: given, configurationFile: undefined, groupKeyFile }, toOptions(configured))

const takeConnectionString = () =>
  take({ 'connection-string-file': source }, { 'connection-string-file': target })

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

describe('a connection string', () => {
  test('is taken over into a file that only its owner can read', async () => {
    await writeFile(source, `${valid}\n`, { mode: 0o600 })
    const [said] = await takeConnectionString()
    expect(said).toContain(target)
    expect(said).toContain(`Delete ${source}`)
    expect(await readFile(target, 'utf8')).toBe(`${valid}\n`)
    if (process.platform !== 'win32') expect(await modeOf(target)).toBe(0o600)
  })

  test('that lacks a part does not replace one that works', async () => {
    await writeFile(target, valid, { mode: 0o600 })
    await writeFile(source, 'HostName=h', { mode: 0o600 })
    await expect(takeConnectionString()).rejects.toThrow('DeviceId')
    expect(await readFile(target, 'utf8')).toBe(valid)
  })
})

describe('a certificate', () => {
  const files = () => ({ certificate: join(folder, 'own.pem'), 'certificate-key': join(folder, 'own.key') })
  const given = () => ({ certificate: join(folder, 'in.pem'), 'certificate-key': source })

  test('is taken over with its key, which only its owner can read', async () => {
    const { cert, key: privateKey } = await selfSigned('d')
    await writeFile(given().certificate, cert)
    await writeFile(source, privateKey, { mode: 0o600 })
    expect(await take(given(), files())).toHaveLength(1)
    expect(await readFile(files().certificate, 'utf8')).toBe(cert)
    expect(await readFile(files()['certificate-key'], 'utf8')).toBe(privateKey)
    if (process.platform === 'win32') return
    expect(await modeOf(files()['certificate-key'])).toBe(0o600)
    expect(await modeOf(files().certificate)).toBe(0o644)
  })

  test('with the key of another one changes nothing', async () => {
    const [one, other] = [await selfSigned('one'), await selfSigned('other')]
    await writeFile(given().certificate, one.cert)
    await writeFile(source, other.key, { mode: 0o600 })
    await expect(take(given(), files())).rejects.toThrow('is not the key of')
    expect([existsSync(files().certificate), existsSync(files()['certificate-key'])]).toEqual([false, false])
  })
})

describe('a key for the provisioning service', () => {
  const configured = () => ({ 'dps-id-scope': 's', 'dps-registration-id': 'pump', 'dps-key-file': target })

  test('is taken over, and nothing of it is said', async () => {
    await writeFile(source, `${key}\n`, { mode: 0o600 })
    const said = await take({ 'dps-key-file': source }, configured())
    expect(said.join()).not.toContain(key)
    expect(await readFile(target, 'utf8')).toBe(`${key}\n`)
  })

  // By `printf pump | openssl dgst -sha256 -mac HMAC -macopt hexkey:... -binary | base64` of the same bytes.
  const derived = 'kcQtihMfNtYqz5+nQZeA2ElA77OjhsjqQmXr4Ss4f9Y='

  test('of a group leaves only the key of this device', async () => {
    await writeFile(source, key, { mode: 0o600 })
    await take({}, configured(), source)
    expect(await readFile(target, 'utf8')).toBe(`${derived}\n`)
  })

  test('of a group belongs to the device that the command names, before the one of the configuration', async () => {
    await writeFile(source, key, { mode: 0o600 })
    await take({ 'dps-registration-id': 'other' }, configured(), source)
    expect(await readFile(target, 'utf8')).not.toBe(`${derived}\n`)
  })

  test('of a group is of no use to a device without a name', async () => {
    await writeFile(source, key, { mode: 0o600 })
    await expect(take({}, {}, source)).rejects.toThrow('--dps-registration-id')
  })

  test.each(['', 'not Base64!', 'c2hvcnQ=', valid])('is none when the file holds %j', async (text) => {
    await writeFile(source, text, { mode: 0o600 })
    await expect(take({ 'dps-key-file': source }, configured())).rejects.toThrow(`${source} holds no key`)
    expect(existsSync(target)).toBe(false)
  })
})

describe.skipIf(process.platform === 'win32')('a secret that everyone can read', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a connection string', takeConnectionString],
    ['a key', () => take({ 'dps-key-file': source }, {})],
    ['the key of a group', () => take({ 'dps-registration-id': 'r' }, {}, source)],
    ['a private key', () => take({ certificate: source, 'certificate-key': source }, {})],
  ])('is refused, and changes nothing: %s', async (_, provisioned) => {
    await writeFile(source, valid)
    await chmod(source, 0o644)
    await expect(provisioned()).rejects.toThrow(`everyone can read ${source}`)
    expect(existsSync(target)).toBe(false)
  })
})
