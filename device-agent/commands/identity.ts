import {
  isReadableByOthers,
  readConnectionStringFile,
  validConnectionString,
} from '../adapters/connection-string-file.ts'
import { readCertificate, readSymmetricKey, secretPath } from '../adapters/credential-files.ts'
import type { Environment, Network } from '../adapters/network.ts'
import { provisioningService } from '../adapters/provisioning-service.ts'
import type { CertificateFiles, KeyFile } from '../connection-settings.ts'
import { parseConnectionString } from '../connection-string.ts'
import { fixedIdentity, provisionedIdentity } from '../identity-source.ts'
import type { AgentOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRecord } from '../ports/connection-record.ts'
import type { Credentials, IdentitySource } from '../ports/hub-identity.ts'
import type { Log } from '../ports/log.ts'

export interface Surroundings {
  /** From the environment; undefined: the settings say who this device is. */
  readonly connectionString: string | undefined
  readonly environment: Environment
  readonly log: Log
}

interface IdentityParts extends Surroundings {
  readonly outside: Network
  readonly clock: Clock
  readonly record: ConnectionRecord
}

/** Says who this device is, as the settings or the environment tell. */
export async function identityOf(options: AgentOptions, parts: IdentityParts): Promise<IdentitySource> {
  const { identity: plan, gatewayHostName } = options.connection
  if (parts.connectionString !== undefined || plan.kind === 'connection-string')
    return identityOfConnectionString(options, parts)
  const proof = plan.kind === 'certificate' ? plan.certificate : plan.proof
  const readCredentials = await credentialsReader(proof, parts)
  if (plan.kind === 'certificate') {
    const { hostName, deviceId } = plan
    return fixedIdentity({ hostName, deviceId, gatewayHostName }, readCredentials)
  }
  const { outside, clock, record, log } = parts
  const register = provisioningService({ clock, network: outside })
  return provisionedIdentity({
    ...{ enrolment: plan.enrolment, gatewayHostName, readCredentials, register, record, log },
  })
}

async function identityOfConnectionString(
  options: AgentOptions,
  parts: IdentityParts,
): Promise<IdentitySource> {
  const { connectionString: given } = parts
  const text = given === undefined ? await readGiven(options, parts) : validConnectionString(given)
  const { key, ...place } = parseConnectionString(text)
  if (key !== undefined) return fixedIdentity(place, () => Promise.resolve({ kind: 'key', key }))
  const plan = options.connection.identity
  if (plan.kind !== 'connection-string' || plan.certificate === undefined)
    throw new Error('the connection string says x509=true: set certificate and certificate-key as well')
  return fixedIdentity(place, await credentialsReader(plan.certificate, parts))
}

async function readGiven(options: AgentOptions, { environment, log }: IdentityParts): Promise<string> {
  const file = secretPath(options.connectionStringFile, environment['CREDENTIALS_DIRECTORY'])
  await warnOfReaders(file, log)
  try {
    return await readConnectionStringFile(file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    const ways = 'drover-agent provision, --connection-string-file or DROVER_CONNECTION_STRING'
    throw new Error(`there is no connection string in ${file}; give one with ${ways}`, { cause: error })
  }
}

/** Reads once now, so that a mistake is known at the start, and then each time anew. */
async function credentialsReader(
  proof: CertificateFiles | KeyFile,
  { environment, log }: IdentityParts,
): Promise<() => Promise<Credentials>> {
  const find = (path: string) => secretPath(path, environment['CREDENTIALS_DIRECTORY'])
  const secret = find('keyFile' in proof ? proof.keyFile : proof.privateKeyFile)
  const read = async (): Promise<Credentials> => {
    if ('keyFile' in proof) return { kind: 'key', key: await readSymmetricKey(secret) }
    const files = { certificateFile: proof.certificateFile, privateKeyFile: secret }
    return { kind: 'certificate', certificate: await readCertificate(files) }
  }
  await warnOfReaders(secret, log)
  await read()
  return read
}

async function warnOfReaders(file: string, log: Log): Promise<void> {
  if (await isReadableByOthers(file).catch(() => false)) log('secret-exposed', { file })
}
