import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { selfSigned } from '../../local-hub/testing/device-certificates.ts'
import { toOptions } from '../options.ts'
import type { Settings } from '../setting-values.ts'
import { checkConnection } from './check-connection.ts'

let folder = ''
let [certificate, privateKey, secret] = ['', '', '']
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-check-connection-'))
  certificate = join(folder, 'device.pem')
  privateKey = join(folder, 'device.key')
  secret = join(folder, 'secret')
})
afterEach(() => rm(folder, { recursive: true }))

const endOfCertificate = Date.UTC(2030, 0, 1)
const day = 24 * 3_600_000

function look(settings: Settings, now = Date.UTC(2026, 0, 1)) {
  return checkConnection({ options: toOptions(settings), hasConnectionString: false, now: () => now })
}

async function keepCertificate(name = 'device'): Promise<Settings> {
  const { cert, key } = await selfSigned(name, { validTo: endOfCertificate })
  await writeFile(certificate, cert)
  await writeFile(privateKey, key, { mode: 0o600 })
  return { certificate, 'certificate-key': privateKey, hub: 'h', 'device-id': name }
}

describe('a device with a certificate', () => {
  test('that is good is ready, and says when it ends', async () => {
    expect(await look(await keepCertificate())).toEqual({
      verdict: 'ok',
      subject: 'certificate',
      text: `in ${privateKey}, which not everyone can read; the certificate is valid until Jan  1 00:00:00 2030 GMT`,
    })
  })

  test.each([
    ['problem', Date.UTC(1990, 0, 1), 'is not valid before'],
    ['note', endOfCertificate - 10 * day, 'is only valid until'],
    ['problem', endOfCertificate + day, 'was valid until'],
  ])('is a %s when its time is not now: %d', async (verdict, now, words) => {
    const finding = await look(await keepCertificate(), now)
    expect(finding).toMatchObject({ verdict, text: expect.stringContaining(words) as string })
  })

  test('whose key is another one’s, is not there or can be read by everyone has a problem', async () => {
    const settings = await keepCertificate()
    if (process.platform !== 'win32') {
      await chmod(privateKey, 0o644)
      expect((await look(settings)).text).toContain('everyone can read')
    }
    await writeFile(privateKey, (await selfSigned('other')).key)
    expect((await look(settings)).text).toContain('is not the key of')
    await writeFile(privateKey, 'no key')
    expect((await look(settings)).text).toBe(`${privateKey} holds no private key in PEM`)
    await rm(privateKey)
    expect(await look(settings)).toMatchObject({ verdict: 'problem', subject: 'certificate' })
  })

  test('and a connection string without a key needs both', async () => {
    await writeFile(secret, 'HostName=h;DeviceId=d;x509=true', { mode: 0o600 })
    const { 'certificate-key': key } = await keepCertificate()
    const file = { 'connection-string-file': secret }
    expect((await look(file)).text).toContain('set certificate and certificate-key')
    const both = { ...file, certificate, ...(key && { 'certificate-key': key }) }
    expect(await look(both)).toMatchObject({ verdict: 'ok' })
  })
})

describe('a device that is provisioned', () => {
  const scope = () => ({ 'dps-id-scope': 's', 'dps-registration-id': 'pump', 'dps-key-file': secret })

  test('by its key is ready when the key is one, and names the registration', async () => {
    await writeFile(secret, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
    const finding = await look(scope())
    expect(finding).toMatchObject({ verdict: 'ok', subject: 'provisioning key' })
    expect(finding.text).toContain('; it registers pump')
    await writeFile(secret, 'nothing')
    expect(await look(scope())).toMatchObject({
      verdict: 'problem',
      text: `${secret} holds no key in Base64`,
    })
  })

  test('by its certificate is ready when that is good', async () => {
    const { certificate: file = '', 'certificate-key': key = '' } = await keepCertificate()
    const settings = {
      'dps-id-scope': 's',
      'dps-registration-id': 'pump',
      certificate: file,
      'certificate-key': key,
    }
    expect(await look(settings)).toMatchObject({ verdict: 'ok', subject: 'certificate' })
  })
})

test('a connection string in the environment is all that is needed', async () => {
  const options = toOptions({})
  expect(await checkConnection({ options, hasConnectionString: true })).toMatchObject({ verdict: 'ok' })
})
