import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { firmwareErrorCodes } from '../../contract/device/firmware.ts'
import {
  serveBeside,
  startFirmwareServer,
  type FirmwareServer,
} from '../../tests/agent/support/firmware-server.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { startFirmwareDevice } from '../testing/fake-firmware.ts'
import { defaultDownloadLimits } from './download.ts'
import { fetchRelease, mayBeReleased, releaseAddressOf } from './release.ts'
import { generateKeyPair, readPrivateKey, signFirmware } from './signing.ts'

const address = 'https://firmware.example/pump.bin'

test('a release lies beside its package, behind the same token', () => {
  expect(releaseAddressOf(`${address}?sig=a%2Bb&se=1`)).toBe(`${address}.release.json?sig=a%2Bb&se=1`)
})

test.each(firmwareErrorCodes)(
  'a request that is refused as %s is completed by a release only if unsigned',
  (code) => {
    const problem = { code, message: '' }
    expect(mayBeReleased({ fwPackageUri: address }, problem)).toBe(code === 'unsigned')
    expect(mayBeReleased({ fwPackageUri: address, fwVersion: '2' }, problem)).toBe(false)
  },
)

describe('fetching a release', () => {
  let folder: string
  let server: FirmwareServer
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-release-'))
    server = await startFirmwareServer(serveBeside(Buffer.from('package'), undefined))
  })
  afterEach(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  const get = () => {
    const place = { address: server.address, folder: join(folder, 'release'), bootId: 'boot-1' }
    const around = {
      connection: { requestOptions: () => ({ ca: server.ca }) },
      clock: systemClock,
      random: () => 0,
    }
    return fetchRelease({ ...place, ...around, limits: defaultDownloadLimits }, new AbortController().signal)
  }
  const signed = () => {
    const times = { sequence: 1, expiresAt: '2027-01-01T00:00:00Z' }
    const what = { version: '2', sha256: 'a'.repeat(64), size: 7, hardware: ['pump'], module: 'file' }
    const key = readPrivateKey(generateKeyPair().privatePem)
    return signFirmware({ format: 'drover-firmware/1', ...what, ...times }, key)
  }

  test('gives what was signed, for the package that was asked for', async () => {
    const release = signed()
    const elsewhere = { ...release, fwPackageUri: 'https://elsewhere.example/pump.bin' }
    server.answerWith(serveBeside(Buffer.from('package'), JSON.stringify(elsewhere)))
    expect(await get()).toEqual({ ...release, fwPackageUri: server.address })
    expect(await readdir(folder)).toEqual([])
  })

  const wrong: readonly (readonly [string, () => string | undefined, string])[] = [
    ['is not there', () => undefined, 'unsigned'],
    ['is no JSON', () => 'package', 'unsigned'],
    ['has no signature', () => JSON.stringify({ ...signed(), signature: undefined }), 'unsigned'],
    ['has no manifest', () => JSON.stringify({ ...signed(), manifest: undefined }), 'unsigned'],
    ['is larger than any', () => ' '.repeat(20_000), 'endless-data'],
  ]

  test.each(wrong)('that %s fails, and leaves nothing behind', async (_, release, code) => {
    server.answerWith(serveBeside(Buffer.from('package'), release()))
    await expect(get()).rejects.toMatchObject({ code })
    expect(await readdir(folder)).toEqual([])
  })
})

test('what was found beside the package is what is installed, also by an agent that was started again', async () => {
  const found = { fwPackageUri: address, fwVersion: '2.0' }
  const device = await startFirmwareDevice({ found })
  const answer = await device.hub.call('firmwareUpdate', { fwPackageUri: address })
  expect(answer).toEqual({ status: 200, payload: 'FirmwareUpdate started' })
  await device.clock.advance(7_000)
  expect(device.firmwareReport()).toMatchObject({ status: 'downloading', fwVersion: '2.0' })
  await device.restartAgent()
  expect(await device.finish()).toMatchObject({ status: 'applyComplete', fwVersion: '2.0' })
  await device.stop()
})

test('a release that is not trusted ends an update that had only an address', async () => {
  const device = await startFirmwareDevice({ found: { fwPackageUri: address } })
  await device.hub.call('firmwareUpdate', { fwPackageUri: address })
  expect(await device.finish()).toMatchObject({ status: 'downloadFailed', error: { code: 'unsigned' } })
  expect(device.verbs).toEqual([])
  await device.stop()
})
