import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startHubAndFleet } from './running-hub.ts'
import { selfSigned } from './testing/device-certificates.ts'

let folder: string
let deviceCaFile: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-running-hub-'))
  deviceCaFile = join(folder, 'ca.pem')
})

afterEach(() => rm(folder, { recursive: true }))

test('a hub whose device CA cannot be read does not start, and the refusal names the file', async () => {
  await expect(startHubAndFleet({ deviceCaFile })).rejects.toThrow(`${deviceCaFile}: there is no such file`)
})

test('a hub whose device CA is none does not start', async () => {
  await writeFile(deviceCaFile, 'no certificate')
  await expect(startHubAndFleet({ deviceCaFile })).rejects.toThrow('a certificate in PEM')
  await writeFile(deviceCaFile, (await selfSigned('device')).cert)
  await expect(startHubAndFleet({ deviceCaFile })).rejects.toThrow('CA:TRUE')
})

test('a hub with a test token that is too short does not start', async () => {
  await expect(startHubAndFleet({ testToken: 'short' })).rejects.toThrow(RangeError)
})
