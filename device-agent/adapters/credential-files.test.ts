import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned, type DeviceCertificate } from '../../local-hub/testing/device-certificates.ts'
import { readCertificate, readSymmetricKey, secretPath } from './credential-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'drover-credentials-'))
const at = (name: string) => join(folder, name)
const files = { certificateFile: at('device.pem'), privateKeyFile: at('device.key') }
let device: DeviceCertificate
beforeAll(async () => {
  device = await selfSigned('device')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function keep(certificate: string, key: string): void {
  writeFileSync(files.certificateFile, certificate)
  writeFileSync(files.privateKeyFile, key)
}

describe('a certificate and its key', () => {
  test('are read as they are, with the authorities above them', async () => {
    const above = await selfSigned('factory')
    keep(`${device.cert}\n${above.cert}`, device.key)
    const read = await readCertificate(files)
    expect(read).toEqual({ chain: `${device.cert}\n${above.cert}`, privateKey: device.key })
  })

  test('that do not belong together are named, and not shown', async () => {
    keep(device.cert, (await selfSigned('other')).key)
    await expect(readCertificate(files)).rejects.toThrow(/device\.key is not the key of .*device\.pem$/)
  })

  test.each([
    [{ certificate: 'secret words' }, /device\.pem holds no certificate in PEM$/],
    [{ key: 'secret words' }, /device\.key holds no private key in PEM$/],
    [{ key: '' }, /device\.key holds no private key in PEM$/],
  ])('are not taken when there is %j', async (change, problem) => {
    const { certificate, key } = { certificate: device.cert, key: device.key, ...change }
    keep(certificate, key)
    await expect(readCertificate(files)).rejects.toThrow(problem)
  })
})

describe('a symmetric key', () => {
  test('is read without the end of its line', async () => {
    const key = Buffer.alloc(32, 9).toString('base64')
    writeFileSync(at('key'), `${key}\n`)
    expect(await readSymmetricKey(at('key'))).toBe(key)
  })

  test.each(['', 'secret words', 'c2hvcnQ=', 'a'.repeat(2_000)])(
    'is not %j, and that is not shown',
    async (text) => {
      writeFileSync(at('key'), text)
      await expect(readSymmetricKey(at('key'))).rejects.toThrow(/key holds no key in Base64$/)
    },
  )
})

describe('a secret of the agent’s own folder', () => {
  const own = '/etc/drover-agent/dps-key'

  test('is read where systemd has put its copy', () => {
    writeFileSync(at('dps-key'), 'copy')
    expect(secretPath(own, folder)).toBe(at('dps-key'))
  })

  test('is read in its place where there is no copy, or an empty line stands for it', () => {
    writeFileSync(at('dps-key'), '\n')
    expect(secretPath(own, folder)).toBe(own)
    rmSync(at('dps-key'))
    expect(secretPath(own, folder)).toBe(own)
    expect(secretPath(own, undefined)).toBe(own)
  })

  test('is not confused with one of the same name elsewhere', () => {
    writeFileSync(at('dps-key'), 'copy')
    expect(secretPath('/srv/secrets/dps-key', folder)).toBe('/srv/secrets/dps-key')
  })
})
