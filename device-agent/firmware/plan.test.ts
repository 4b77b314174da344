import { createPublicKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FirmwareManifest } from '../../contract/device/firmware.ts'
import { judgeFirmware, type FirmwareRequest, type Trust } from './plan.ts'
import { generateKeyPair, readPrivateKey, signFirmware } from './signing.ts'

const ours = generateKeyPair()
const theirs = generateKeyPair()
const address = 'https://firmware.example/pump.bin?sig=token'
const manifest: FirmwareManifest = {
  format: 'drover-firmware/1',
  ...{ version: '2.4.1', sequence: 7, sha256: 'a'.repeat(64), size: 1024, module: 'file' },
  ...{ hardware: ['pump-mk1', 'pump-mk2'], expiresAt: '2026-12-01T00:00:00Z' },
}
const trust: Trust = {
  keys: new Map([[ours.keyId, createPublicKey(ours.publicPem)]]),
  ...{ hardware: 'pump-mk2', floor: 7, now: Date.parse('2026-11-01T00:00:00Z'), unsignedModule: undefined },
}

function signed(change: Partial<FirmwareManifest> = {}, pem = ours.privatePem): FirmwareRequest {
  return { fwPackageUri: address, ...signFirmware({ ...manifest, ...change }, readPrivateKey(pem)) }
}

/** Signs any text, as an owner whose tools have a mistake does. */
function signedText(text: string): FirmwareRequest {
  const signature = sign(null, Buffer.from(text), readPrivateKey(ours.privatePem)).toString('base64')
  return { fwPackageUri: address, manifest: text, signature, keyId: ours.keyId }
}

function without(field: 'signature' | 'manifest' | 'keyId'): FirmwareRequest {
  const { [field]: _, ...rest } = signed()
  return rest
}

function codeOf(request: FirmwareRequest, around: Partial<Trust> = {}): string | undefined {
  const judged = judgeFirmware(request, { ...trust, ...around })
  return judged.plan === undefined ? judged.problem.code : undefined
}

test('what a trusted key signed for this hardware is planned as it was signed', () => {
  const { version, sequence, sha256, size, module } = manifest
  expect(judgeFirmware(signed(), trust)).toEqual({
    plan: { address, version, sequence, sha256, size, module },
  })
})

test('a call that names the manifest alone is enough', () => {
  const { fwVersion: _version, sha256: _sha256, size: _size, ...rest } = signed()
  expect(codeOf(rest)).toBeUndefined()
})

test.each([
  ['an address without TLS', { ...signed(), fwPackageUri: 'http://firmware.example/a' }, 'insecure-address'],
  ['no signature at all', { fwPackageUri: address }, 'unsigned'],
  ['a manifest without a signature', without('signature'), 'unsigned'],
  ['a signature without a manifest', without('manifest'), 'unsigned'],
  ['a key of someone else', signed({}, theirs.privatePem), 'unknown-key'],
  ['no key id', without('keyId'), 'unknown-key'],
  ['a signature of someone else', { ...signed({}, theirs.privatePem), keyId: ours.keyId }, 'bad-signature'],
  [
    'the signature of another release',
    { ...signed({ sequence: 8 }), manifest: signed().manifest ?? '' },
    'bad-signature',
  ],
  ['a manifest with a space more', { ...signed(), manifest: `${signed().manifest ?? ''} ` }, 'bad-signature'],
  ['a manifest that is no JSON', signedText('{'), 'bad-manifest'],
  [
    'a manifest with an unknown condition',
    signedText(JSON.stringify({ ...manifest, moon: 'full' })),
    'bad-manifest',
  ],
  ['a text that was signed for something else', signedText('{"format":"contract/1"}'), 'bad-manifest'],
  ['the hash of another package', { ...signed(), sha256: 'b'.repeat(64) }, 'mismatch'],
  ['another size', { ...signed(), size: 1025 }, 'mismatch'],
  ['another version', { ...signed(), fwVersion: '9.9.9' }, 'mismatch'],
  ['another place than the signed one', signed({ packageUri: 'https://elsewhere.example/a' }), 'mismatch'],
  ['firmware of other hardware', signed({ hardware: ['pump-mk3'] }), 'wrong-hardware'],
  ['a lower sequence than the floor', signed({ sequence: 6 }), 'rollback'],
])('a call with %s is refused', (_what, request, code) => {
  expect(codeOf(request)).toBe(code)
})

test('a manifest counts until it expires, and not a moment longer', () => {
  const expiry = Date.parse(manifest.expiresAt)
  expect(codeOf(signed(), { now: expiry })).toBeUndefined()
  expect(codeOf(signed(), { now: expiry + 1 })).toBe('expired')
})

test('a device that does not know its hardware takes nothing', () => {
  expect(codeOf(signed(), { hardware: undefined })).toBe('wrong-hardware')
})

test('any of several trusted keys is enough', () => {
  const keys = new Map([...trust.keys, [theirs.keyId, createPublicKey(theirs.publicPem)]])
  expect(codeOf(signed({}, theirs.privatePem), { keys })).toBeUndefined()
  expect(codeOf(signed(), { keys })).toBeUndefined()
})

test('the same release may be installed again, and the first one needs no floor', () => {
  expect(codeOf(signed({ sequence: 7 }))).toBeUndefined()
  expect(codeOf(signed({ sequence: 0 }), { floor: undefined })).toBeUndefined()
})

test('an owner who does without signatures gets what the tutorial sends, and no half-signed call', () => {
  const unsigned = { unsignedModule: 'file' }
  expect(judgeFirmware({ fwPackageUri: address }, { ...trust, ...unsigned })).toEqual({
    plan: { address, module: 'file' },
  })
  expect(codeOf(without('signature'), unsigned)).toBe('unsigned')
  expect(codeOf(without('manifest'), unsigned)).toBe('unsigned')
  expect(codeOf(signed({ sequence: 6 }), unsigned)).toBe('rollback')
})

test('no change of one bit in a manifest or its signature goes unnoticed', () => {
  const request = signed()
  const text = Buffer.from(request.manifest ?? '')
  for (let index = 0; index < text.length; index += 1) {
    const changed = Buffer.from(text)
    changed[index] = (changed[index] ?? 0) ^ 1
    expect(codeOf({ ...request, manifest: changed.toString('latin1') })).toBe('bad-signature')
  }
  const signature = Buffer.from(request.signature ?? '', 'base64')
  for (let index = 0; index < signature.length; index += 1) {
    const changed = Buffer.from(signature)
    changed[index] = (changed[index] ?? 0) ^ 1
    expect(codeOf({ ...request, signature: changed.toString('base64') })).toBe('bad-signature')
  }
})
