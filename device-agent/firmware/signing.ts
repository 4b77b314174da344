import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { FirmwareManifest } from '../../contract/device/firmware.ts'
import type { FirmwareRequest } from './plan.ts'
import { keyIdOf } from './trusted-keys.ts'

export interface KeyPair {
  readonly keyId: string
  /** PKCS #8 in PEM: a secret. */
  readonly privatePem: string
  /** SPKI in PEM, for the folder of trusted keys of the devices. */
  readonly publicPem: string
}

export function generateKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    keyId: keyIdOf(publicKey),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** Throws when the text is no Ed25519 private key in PEM, without quoting it. */
export function readPrivateKey(pem: string): KeyObject {
  const key = parse(pem)
  if (key?.asymmetricKeyType !== 'ed25519') throw new Error('this is no Ed25519 private key in PEM')
  return key
}

export type SignedFirmware = Required<Omit<FirmwareRequest, 'fwPackageUri'>>

/** Signs what `FirmwareManifest` lets pass; throws on anything else. */
export function signFirmware(manifest: FirmwareManifest, key: KeyObject): SignedFirmware {
  const { version, sha256, size } = FirmwareManifest.parse(manifest)
  const text = JSON.stringify(manifest)
  const signature = sign(null, Buffer.from(text), key).toString('base64')
  return { fwVersion: version, sha256, size, keyId: keyIdOf(key), signature, manifest: text }
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    // An encrypted or torn key: the caller says what is wanted.
    return undefined
  }
}
