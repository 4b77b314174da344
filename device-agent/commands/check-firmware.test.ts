import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKeyPair } from '../firmware/signing.ts'
import { toOptions } from '../options.ts'
import type { Settings } from '../setting-values.ts'
import { checkFirmware } from './check-firmware.ts'

let keys: string
let here: Record<'installer-socket' | 'firmware-modules' | 'firmware-module-settings', string>
beforeEach(async () => {
  keys = await mkdtemp(join(tmpdir(), 'drover-check-firmware-'))
  here = {
    'installer-socket': join(keys, 'door.sock'),
    'firmware-modules': join(keys, 'modules'),
    'firmware-module-settings': join(keys, 'settings'),
  }
})
afterEach(() => rm(keys, { recursive: true }))

const checked = (settings: Settings = {}) => checkFirmware(toOptions({ 'firmware-keys': keys, ...settings }))

test('without a key, or without a hardware, a device says why it would refuse', async () => {
  expect(await checked()).toMatchObject({
    verdict: 'note',
    text: expect.stringContaining('no key is trusted') as string,
  })
  await writeFile(join(keys, 'a.pem'), generateKeyPair().publicPem)
  expect((await checked()).text).toBe(
    'would be refused with 501: firmware-hardware is not set: no manifest can be for this device',
  )
})

test('with both it names what it takes, and what it asks before it keeps it', async () => {
  const { keyId, publicPem } = generateKeyPair()
  await writeFile(join(keys, 'a.pem'), publicPem)
  const settings = { ...here, 'firmware-hardware': 'pump-mk2', 'firmware-health-check': '/usr/bin/well' }
  const takes = `takes what is for pump-mk2 and signed by ${keyId}`
  const kept = 'kept if the hub answers and /usr/bin/well agrees'
  const found = await checked(settings)
  expect(found.verdict).toBe('ok')
  expect(found.text).toContain(`${takes}; the agent itself installs it; ${kept}; there is room for a`)
  await writeFile(here['installer-socket'], '')
  expect((await checked(settings)).text).toContain(`${takes}; root installs it; ${kept}; there is room for a`)
})

test.skipIf(process.platform === 'win32')('what root would not believe is a problem, by name', async () => {
  await writeFile(join(keys, 'a.pem'), generateKeyPair().publicPem)
  await writeFile(here['installer-socket'], '')
  await mkdir(here['firmware-modules'])
  await chmod(here['firmware-modules'], 0o777)
  expect(await checked({ ...here, 'firmware-hardware': 'pump-mk2' })).toMatchObject({
    verdict: 'problem',
    text: `would fail: ${here['firmware-modules']} can be changed by others than its owner: chmod go-w it`,
  })
})

test('a file that is no key is named', async () => {
  await writeFile(join(keys, 'a.pem'), 'hello')
  expect((await checked({ 'firmware-hardware': 'pump-mk2' })).text).toMatch(/a\.pem is no Ed25519 public key/)
})

test('a device that takes what nobody signed is told what that means', async () => {
  expect((await checked({ 'firmware-unsigned': 'file' })).text).toBe(
    'file would install what anyone sends who has the hub',
  )
})

test('a simulated machine only pretends', async () => {
  expect((await checked({ simulate: 'yes' })).verdict).toBe('note')
})
