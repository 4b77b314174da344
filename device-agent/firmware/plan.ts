import { verify } from 'node:crypto'
import { z } from 'zod'
import {
  FirmwareManifest,
  PackageAddress,
  type FirmwareErrorCode,
  FirmwarePayload,
} from '../../contract/device/firmware.ts'
import type { FirmwareProblem } from './problem.ts'
import type { TrustedKeys } from './trusted-keys.ts'

/** What a call asks to be installed, before anything of it is believed. */
export const FirmwareRequest = FirmwarePayload.omit({ actionId: true, notAfter: true, issuedAt: true })
export type FirmwareRequest = z.infer<typeof FirmwareRequest>

/** What may be installed: believed because a trusted key signed it, or because the owner asks for no signatures. */
export const FirmwarePlan = z.object({
  address: z.string(),
  module: z.string(),
  version: z.string().exactOptional(),
  /** The package has this SHA-256, in hexadecimal. */
  sha256: z.string().exactOptional(),
  /** In bytes. */
  size: z.number().exactOptional(),
  /** The floor after the commit. */
  sequence: z.number().exactOptional(),
})
export type FirmwarePlan = z.infer<typeof FirmwarePlan>

export interface Trust {
  readonly keys: TrustedKeys
  /** What this device is, in the words of the manifests. */
  readonly hardware: string | undefined
  /** The sequence of the last committed update. */
  readonly floor: number | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  /** The module for what nobody signed; undefined: this device installs signed firmware only. */
  readonly unsignedModule: string | undefined
}

interface Signed {
  readonly text: string
  readonly signature: string
  readonly keyId: string | undefined
}

export type Judgement =
  { readonly plan: FirmwarePlan } | { readonly plan?: undefined; readonly problem: FirmwareProblem }

/** Judges a request by what this device trusts at this moment. The first rule that it breaks names the problem. */
export function judgeFirmware(request: FirmwareRequest, trust: Trust): Judgement {
  if (!PackageAddress.safeParse(request.fwPackageUri).success)
    return refuse('insecure-address', 'Invalid URL format.  Must use https:// protocol.')
  const { manifest: text, signature } = request
  if (text === undefined || signature === undefined) return judgeUnsigned(request, trust)
  const signed = { text, signature, keyId: request.keyId }
  const problem = findForgery(signed, trust)
  return problem === undefined ? judgeSigned(request, text, trust) : { problem }
}

/** Before anything of the manifest is read: only what a trusted key signed is parsed. */
function findForgery(signed: Signed, { keys }: Trust): FirmwareProblem | undefined {
  const { text, signature, keyId } = signed
  const key = keyId === undefined ? undefined : keys.get(keyId)
  if (key === undefined)
    return {
      code: 'unknown-key',
      message: `this device does not trust the key ${keyId ?? 'that is not named'}`,
    }
  if (verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))) return undefined
  return { code: 'bad-signature', message: `the signature is not one of the key ${keyId} for this manifest` }
}

function judgeSigned(request: FirmwareRequest, text: string, trust: Trust): Judgement {
  const manifest = readManifest(text)
  if (typeof manifest === 'string')
    return refuse('bad-manifest', `the signed manifest is not valid: ${manifest}`)
  const problem = findMismatch(request, manifest) ?? findObstacle(manifest, trust)
  if (problem !== undefined) return { problem }
  const { version, sha256, size, sequence, module } = manifest
  return { plan: { address: request.fwPackageUri, module, version, sha256, size, sequence } }
}

function judgeUnsigned(request: FirmwareRequest, { unsignedModule: module }: Trust): Judgement {
  if (request.manifest !== undefined || request.signature !== undefined || module === undefined)
    return refuse('unsigned', 'this device installs only what a manifest and a signature come with')
  const { fwPackageUri: address, fwVersion: version, sha256, size } = request
  return { plan: FirmwarePlan.parse(withoutUndefined({ address, module, version, sha256, size })) }
}

/** Gives the manifest, or what is wrong with it. */
function readManifest(text: string): FirmwareManifest | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The signer of this text is trusted, and made a mistake.
    return 'it is no JSON'
  }
  const parsed = FirmwareManifest.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys')
    return `this agent does not know ${issue.keys.join(', ').slice(0, 100)}`
  return `${issue?.path.join('.') ?? 'it'} is missing or wrong`
}

/** The parts of the request that nobody signed must say what the signed ones say: someone may have mixed two updates. */
function findMismatch(request: FirmwareRequest, manifest: FirmwareManifest): FirmwareProblem | undefined {
  const pairs = [
    ['fwVersion', request.fwVersion, manifest.version],
    ['sha256', request.sha256, manifest.sha256],
    ['size', request.size, manifest.size],
    ['fwPackageUri', manifest.packageUri && request.fwPackageUri, manifest.packageUri],
  ] as const
  const wrong = pairs.find(([, given, signed]) => given !== undefined && given !== signed)
  if (wrong === undefined) return undefined
  return { code: 'mismatch', message: `the ${wrong[0]} of the call is not the signed one` }
}

/** Why a genuine manifest is not for this device, or not for now. */
function findObstacle(manifest: FirmwareManifest, trust: Trust): FirmwareProblem | undefined {
  const { hardware, floor, now } = trust
  if (now > Date.parse(manifest.expiresAt))
    return { code: 'expired', message: `the manifest expired at ${manifest.expiresAt}` }
  if (hardware === undefined)
    return { code: 'wrong-hardware', message: 'this device was not told which hardware it is' }
  if (!manifest.hardware.includes(hardware))
    return { code: 'wrong-hardware', message: `the firmware is not for the hardware ${hardware}` }
  if (floor !== undefined && manifest.sequence < floor)
    return {
      code: 'rollback',
      message: `the sequence ${manifest.sequence} is older than ${floor}, which was committed here`,
    }
  return undefined
}

function refuse(code: FirmwareErrorCode, message: string): Judgement {
  return { problem: { code, message } }
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
