import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The public keys by which this device takes firmware, by their ids. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>

/** The first half of the SHA-256 of the public key (SPKI, DER), as 32 hexadecimal digits. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 32)
}

/**
 * Reads the `*.pem` files of a folder; one that is not there trusts nobody. Rejects when a file is no Ed25519 public
 * key: an owner who believes that a key is trusted must hear that it is not. `problemOf` says why a place is not
 * believed.
 */
export async function readTrustedKeys(
  folder: string,
  problemOf?: (path: string) => Promise<string | undefined>,
): Promise<TrustedKeys> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const paths = names.filter((name) => name.endsWith('.pem')).map((name) => join(folder, name))
  for (const path of [folder, ...paths]) {
    const problem = await problemOf?.(path)
    if (problem !== undefined) throw new Error(`${path} ${problem}`)
  }
  const keys = await Promise.all(
    paths.map(async (path) => readTrustedKey(path, await readFile(path, 'utf8'))),
  )
  return new Map(keys.map((key) => [keyIdOf(key), key]))
}

function readTrustedKey(path: string, pem: string): KeyObject {
  // Node would derive the public key of a private one, which has no business on a device.
  if (pem.includes('PRIVATE KEY')) throw new Error(`${path} holds a private key: remove it from this device`)
  const key = parse(pem)
  if (key?.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is no Ed25519 public key in PEM`)
  return key
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    // The caller names the file; what OpenSSL says of it helps nobody.
    return undefined
  }
}
