import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateKeyPair, readPrivateKey } from './signing.ts'
import { keyIdOf, readTrustedKeys } from './trusted-keys.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder that is not there trusts nobody', async () => {
  expect((await readTrustedKeys(join(folder, 'none'))).size).toBe(0)
})

test('every PEM file of the folder is a trusted key under its id, and nothing else is read', async () => {
  const pairs = [generateKeyPair(), generateKeyPair()]
  for (const { keyId, publicPem } of pairs) await writeFile(join(folder, `${keyId}.pem`), publicPem)
  await writeFile(join(folder, 'README'), 'the keys of our releases')
  const keys = await readTrustedKeys(folder)
  expect([...keys.keys()].sort()).toEqual(pairs.map(({ keyId }) => keyId).sort())
})

test('the id of a key is the same from its private and its public half', () => {
  const { keyId, privatePem } = generateKeyPair()
  expect(keyId).toMatch(/^[0-9a-f]{32}$/)
  expect(keyIdOf(createPrivateKey(privatePem))).toBe(keyId)
})

test('a private key among the trusted ones is named, not used', async () => {
  await writeFile(join(folder, 'a.pem'), generateKeyPair().privatePem)
  await expect(readTrustedKeys(folder)).rejects.toThrow(/a\.pem holds a private key/)
})

test.each([
  [
    'a key of another kind',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
  ],
  ['no key', 'hello'],
])('%s is refused by the name of its file', async (_what, text) => {
  await writeFile(join(folder, 'b.pem'), text)
  await expect(readTrustedKeys(folder)).rejects.toThrow(/b\.pem is no Ed25519 public key/)
})

test('a text that is no private key is not quoted in the error', () => {
  expect(() => readPrivateKey('hunter2')).toThrow(/^this is no Ed25519 private key in PEM$/)
})
