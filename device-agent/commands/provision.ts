import { chmod } from 'node:fs/promises'
import {
  isReadableByOthers,
  readConnectionStringFile,
  writeConnectionStringFile,
} from '../adapters/connection-string-file.ts'
import { readCertificate, readSymmetricKey } from '../adapters/credential-files.ts'
import { writeDurably } from '../adapters/durable-file.ts'
import { deviceKeyOf } from '../adapters/enrolment-key.ts'
import type { Given } from '../command-line.ts'
import { defaultDpsKeyFile, type CertificateFiles } from '../connection-settings.ts'
import type { AgentOptions } from '../options.ts'

const defaultCertificate: CertificateFiles = {
  certificateFile: '/etc/drover-agent/device.pem',
  privateKeyFile: '/etc/drover-agent/device.key',
}

/**
 * Takes over what proves who this device is into files that only their owner can read, and resolves with what to tell
 * the person who asked for it. Rejects, and changes nothing, when every user of the machine could read the source: the
 * secret may be known already.
 */
export async function provision(given: Given, options: AgentOptions): Promise<string[]> {
  const { settings, groupKeyFile } = given
  const { certificate, 'certificate-key': privateKey, 'connection-string-file': connectionString } = settings
  if (connectionString !== undefined)
    return provisionConnectionString(connectionString, options.connectionStringFile)
  if (certificate !== undefined && privateKey !== undefined)
    return provisionCertificate({ certificateFile: certificate, privateKeyFile: privateKey }, options)
  const source = groupKeyFile ?? settings['dps-key-file'] ?? ''
  const key = await readSecret(source, readSymmetricKey)
  const target = keyFileOf(options)
  const own = groupKeyFile === undefined ? key : deviceKeyOf(key, registrationIdOf(given, options))
  await writeDurably(target, `${own}\n`)
  return [
    `The key is in ${target} now. ${farewell(source)}`,
    ...hint(options, 'dps-id-scope and dps-registration-id'),
  ]
}

async function provisionConnectionString(source: string, target: string): Promise<string[]> {
  await writeConnectionStringFile(target, await readSecret(source, readConnectionStringFile))
  return [`The connection string is in ${target} now. ${farewell(source)}`]
}

async function provisionCertificate(source: CertificateFiles, options: AgentOptions): Promise<string[]> {
  const read = (privateKeyFile: string) => readCertificate({ ...source, privateKeyFile })
  const { chain, privateKey } = await readSecret(source.privateKeyFile, read)
  const target = certificateFilesOf(options) ?? defaultCertificate
  await writeDurably(target.privateKeyFile, privateKey)
  await writeDurably(target.certificateFile, chain)
  // It is no secret, and the agent that does not run as root reads it itself.
  await chmod(target.certificateFile, 0o644)
  return [
    `The certificate is in ${target.certificateFile} and its key in ${target.privateKeyFile} now. ${farewell(source.privateKeyFile)}`,
    ...hint(
      options,
      `certificate = ${target.certificateFile} and certificate-key = ${target.privateKeyFile}`,
    ),
  ]
}

async function readSecret<Secret>(
  source: string,
  read: (source: string) => Promise<Secret>,
): Promise<Secret> {
  if (await isReadableByOthers(source)) {
    throw new Error(
      `everyone can read ${source}: renew the key in the hub if others use this machine, then chmod 600`,
    )
  }
  return read(source)
}

function certificateFilesOf({ connection: { identity } }: AgentOptions): CertificateFiles | undefined {
  if (identity.kind !== 'provisioned') return identity.certificate
  return 'keyFile' in identity.proof ? undefined : identity.proof
}

function keyFileOf({ connection: { identity } }: AgentOptions): string {
  return identity.kind === 'provisioned' && 'keyFile' in identity.proof
    ? identity.proof.keyFile
    : defaultDpsKeyFile
}

function registrationIdOf({ settings }: Given, { connection: { identity } }: AgentOptions): string {
  const configured = identity.kind === 'provisioned' ? identity.enrolment.registrationId : undefined
  const id = settings['dps-registration-id'] ?? configured
  if (id === undefined)
    throw new Error('the key of a group makes one for each device: say which with --dps-registration-id')
  return id
}

/** A secret alone does not say how to use it. */
function hint({ connection: { identity } }: AgentOptions, settings: string): string[] {
  return identity.kind === 'connection-string' && identity.certificate === undefined
    ? [`The configuration does not use it yet: set ${settings}.`]
    : []
}

function farewell(source: string): string {
  return `Delete ${source}, and restart the agent.`
}
