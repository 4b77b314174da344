import type { TransportChoice } from './domain/transport-choice.ts'
import type { Enrolment } from './identity-source.ts'
import type { SettingName, Settings } from './setting-values.ts'

/** How the settings say who this device is. Each file holds what its name says, as PEM or Base64. */
export type IdentityPlan =
  | { readonly kind: 'connection-string'; readonly certificate: CertificateFiles | undefined }
  | {
      readonly kind: 'certificate'
      readonly hostName: string
      readonly deviceId: string
      readonly certificate: CertificateFiles
    }
  | {
      readonly kind: 'provisioned'
      readonly enrolment: Enrolment
      readonly proof: CertificateFiles | KeyFile
    }

export interface CertificateFiles {
  readonly certificateFile: string
  readonly privateKeyFile: string
}

export interface KeyFile {
  readonly keyFile: string
}

/** How this device gets to its hub, and who it is there. */
export interface ConnectionOptions {
  readonly identity: IdentityPlan
  readonly gatewayHostName: string | undefined
  readonly allowed: TransportChoice['allowed']
  readonly webSocketGateway: string | undefined
  /** Undefined: what the environment names. */
  readonly proxy: URL | undefined
  readonly extraCaFile: string | undefined
  readonly spreadMs: number
}

export interface SettingProblem {
  readonly name: SettingName
  readonly problem: string
}

export const defaultDpsKeyFile = '/etc/drover-agent/dps-key'
export const defaultDpsHost = 'global.azure-devices-provisioning.net'

interface Rule {
  readonly name: SettingName
  /** What is wrong when `name` is set. */
  readonly isWrong: (has: (name: SettingName) => boolean) => boolean
  readonly problem: string
}

const needsScope = 'means nothing without dps-id-scope'
const isProvisioned = 'says too much beside dps-id-scope: the provisioning service names the hub'

const rules: readonly Rule[] = [
  { name: 'certificate', isWrong: (has) => !has('certificate-key'), problem: 'needs certificate-key' },
  { name: 'certificate-key', isWrong: (has) => !has('certificate'), problem: 'needs certificate' },
  { name: 'hub', isWrong: (has) => has('dps-id-scope'), problem: isProvisioned },
  { name: 'device-id', isWrong: (has) => has('dps-id-scope'), problem: isProvisioned },
  { name: 'hub', isWrong: (has) => !has('dps-id-scope') && !has('device-id'), problem: 'needs device-id' },
  { name: 'device-id', isWrong: (has) => !has('dps-id-scope') && !has('hub'), problem: 'needs hub' },
  {
    name: 'hub',
    isWrong: (has) => !has('certificate') && !has('certificate-key'),
    problem: 'needs certificate: a device with a key has a connection string',
  },
  {
    name: 'dps-id-scope',
    isWrong: (has) => !has('dps-registration-id'),
    problem: 'needs dps-registration-id',
  },
  { name: 'dps-registration-id', isWrong: (has) => !has('dps-id-scope'), problem: needsScope },
  { name: 'dps-key-file', isWrong: (has) => !has('dps-id-scope'), problem: needsScope },
  { name: 'dps-host', isWrong: (has) => !has('dps-id-scope'), problem: needsScope },
  {
    name: 'dps-key-file',
    isWrong: (has) => has('certificate'),
    problem: 'says too much beside certificate: a device proves itself in one way',
  },
]

/** What settings that are each right say wrong together. */
export function problemsOfConnection(settings: Settings): SettingProblem[] {
  const has = (name: SettingName) => settings[name] !== undefined
  return rules
    .filter(({ name, isWrong }) => has(name) && isWrong(has))
    .map(({ name, problem }) => ({ name, problem: `${name} ${problem}` }))
}

/** Reads settings that `problemsOfConnection` has nothing against. */
export function toConnectionOptions(settings: Settings): ConnectionOptions {
  return {
    identity: toIdentityPlan(settings),
    gatewayHostName: settings.gateway,
    allowed: toAllowed(settings.transport),
    webSocketGateway: settings['websocket-gateway'],
    proxy: settings.proxy === undefined ? undefined : new URL(settings.proxy),
    extraCaFile: settings['extra-ca'],
    spreadMs: Number(settings['connect-spread'] ?? 0) * 1000,
  }
}

function toIdentityPlan(settings: Settings): IdentityPlan {
  const certificate = toCertificateFiles(settings)
  const idScope = settings['dps-id-scope']
  if (idScope !== undefined) {
    const { 'dps-host': host = defaultDpsHost, 'dps-registration-id': registrationId = '' } = settings
    const proof = certificate ?? { keyFile: settings['dps-key-file'] ?? defaultDpsKeyFile }
    return { kind: 'provisioned', enrolment: { host, idScope, registrationId }, proof }
  }
  const { hub: hostName, 'device-id': deviceId } = settings
  return hostName !== undefined && deviceId !== undefined && certificate !== undefined
    ? { kind: 'certificate', hostName, deviceId, certificate }
    : { kind: 'connection-string', certificate }
}

function toCertificateFiles(settings: Settings): CertificateFiles | undefined {
  const { certificate: certificateFile, 'certificate-key': privateKeyFile } = settings
  return certificateFile === undefined || privateKeyFile === undefined
    ? undefined
    : { certificateFile, privateKeyFile }
}

function toAllowed(transport: string | undefined): TransportChoice['allowed'] {
  return transport === 'mqtt' || transport === 'mqtt-websocket' ? [transport] : ['mqtt', 'mqtt-websocket']
}
