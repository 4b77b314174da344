import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { CertificateFiles } from '../connection-settings.ts'
import type { ClientCertificate } from '../ports/hub-identity.ts'

const configurationFolder = '/etc/drover-agent'

/**
 * Where a secret of the agent's own folder can be read: root alone may read that folder's, and systemd hands a copy to
 * the service. One that lies elsewhere is its owner's affair.
 */
export function secretPath(path: string, credentialsFolder: string | undefined): string {
  if (credentialsFolder === undefined || dirname(path) !== configurationFolder) return path
  const copy = join(credentialsFolder, basename(path))
  // In the place of what is not there when the service starts, systemd hands over an empty line.
  return existsSync(copy) && readFileSync(copy, 'utf8').trim() !== '' ? copy : path
}

/** Rejects with what is wrong with which file, and never with what is in it. */
export async function readCertificate({
  certificateFile,
  privateKeyFile,
}: CertificateFiles): Promise<ClientCertificate> {
  const [chain, privateKey] = await Promise.all([
    readFile(certificateFile, 'utf8'),
    readFile(privateKeyFile, 'utf8'),
  ])
  const certificate = parsed(
    () => new X509Certificate(chain),
    `${certificateFile} holds no certificate in PEM`,
  )
  const key = parsed(() => createPrivateKey(privateKey), `${privateKeyFile} holds no private key in PEM`)
  if (!certificate.checkPrivateKey(key))
    throw new Error(`${privateKeyFile} is not the key of ${certificateFile}`)
  return { chain, privateKey }
}

/** Reads a symmetric key; rejects when the file holds something else. */
export async function readSymmetricKey(file: string): Promise<string> {
  const key = (await readFile(file, 'utf8')).trim()
  if (!isSymmetricKey(key)) throw new Error(`${file} holds no key in Base64`)
  return key
}

/** The keys of Azure have 16 to 64 bytes. */
function isSymmetricKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length >= 16 && bytes.length <= 64 && bytes.toString('base64') === text
}

function parsed<Value>(parse: () => Value, problem: string): Value {
  try {
    return parse()
  } catch {
    // What OpenSSL says may quote the file.
    throw new Error(problem)
  }
}
