import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKeyPair } from '../firmware/signing.ts'
import { toOptions } from '../options.ts'
import type { Settings } from '../setting-values.ts'
import { checkFirmware } from './check-firmware.ts'

let keys: string
beforeEach(async () => {
  keys = await mkdtemp(join(tmpdir(), 'drover-check-firmware-'))
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
  const settings = { 'firmware-hardware': 'pump-mk2', 'firmware-health-check': '/usr/bin/well' }
  expect(await checked(settings)).toMatchObject({
    verdict: 'ok',
    text: `takes what is for pump-mk2 and signed by ${keyId}; keeps it if the hub answers and /usr/bin/well agrees`,
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
