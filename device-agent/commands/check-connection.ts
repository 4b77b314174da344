import { X509Certificate } from 'node:crypto'
import { isReadableByOthers, readConnectionStringFile } from '../adapters/connection-string-file.ts'
import { readCertificate, readSymmetricKey } from '../adapters/credential-files.ts'
import type { CertificateFiles } from '../connection-settings.ts'
import { parseConnectionString } from '../connection-string.ts'
import type { AgentOptions } from '../options.ts'
import type { Finding } from './check.ts'

/** How long before its end a certificate is worth a word. */
const warningMs = 30 * 24 * 3_600_000

export interface ConnectionCheck {
  readonly options: AgentOptions
  /** Whether the environment holds the connection string. */
  readonly hasConnectionString: boolean
  readonly now?: () => number
}

/** Whether what proves who this device is would do. Asks no hub. */
export async function checkConnection(check: ConnectionCheck): Promise<Finding> {
  const plan = check.options.connection.identity
  if (check.hasConnectionString)
    return { verdict: 'ok', subject: 'connection string', text: 'in DROVER_CONNECTION_STRING' }
  switch (plan.kind) {
    case 'connection-string':
      return found('connection string', () => checkConnectionString(check))
    case 'certificate':
      return found('certificate', () => checkCertificate(plan.certificate, check))
    case 'provisioned': {
      const { proof, enrolment } = plan
      if (!('keyFile' in proof)) return found('certificate', () => checkCertificate(proof, check))
      return found('provisioning key', async () => {
        await readSymmetricKey(proof.keyFile)
        return judgeSecret(proof.keyFile, `it registers ${enrolment.registrationId}`)
      })
    }
  }
}

type Judgement = Omit<Finding, 'subject'>

async function found(subject: string, look: () => Promise<Judgement>): Promise<Finding> {
  try {
    return { subject, ...(await look()) }
  } catch (error) {
    return { verdict: 'problem', subject, text: error instanceof Error ? error.message : String(error) }
  }
}

async function checkConnectionString(check: ConnectionCheck): Promise<Judgement> {
  const { connectionStringFile: file, connection } = check.options
  const text = await readConnectionStringFile(file).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return undefined
  })
  if (text === undefined)
    return { verdict: 'problem', text: `there is none in ${file}: give it by drover-agent provision` }
  const { key } = parseConnectionString(text)
  const plan = connection.identity
  if (key !== undefined) return judgeSecret(file)
  return plan.kind === 'connection-string' && plan.certificate !== undefined
    ? checkCertificate(plan.certificate, check)
    : { verdict: 'problem', text: `${file} says x509=true: set certificate and certificate-key as well` }
}

async function checkCertificate(
  files: CertificateFiles,
  { now = Date.now }: ConnectionCheck,
): Promise<Judgement> {
  const { chain } = await readCertificate(files)
  const { validFrom, validTo } = new X509Certificate(chain)
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
  if (now() < from)
    return { verdict: 'problem', text: `${files.certificateFile} is not valid before ${validFrom}` }
  if (now() > to) return { verdict: 'problem', text: `${files.certificateFile} was valid until ${validTo}` }
  const judgement = await judgeSecret(files.privateKeyFile, `the certificate is valid until ${validTo}`)
  return judgement.verdict === 'ok' && to - now() < warningMs
    ? { verdict: 'note', text: `${files.certificateFile} is only valid until ${validTo}` }
    : judgement
}

async function judgeSecret(file: string, more?: string): Promise<Judgement> {
  return (await isReadableByOthers(file))
    ? { verdict: 'problem', text: `everyone can read ${file}: chmod 600 it` }
    : {
        verdict: 'ok',
        text: `in ${file}, which not everyone can read${more === undefined ? '' : `; ${more}`}`,
      }
}
