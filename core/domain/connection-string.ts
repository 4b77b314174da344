import { AppError } from '../../contract/errors.ts'

/** What a hub's connection string says. `sharedAccessKey` is a secret. */
export interface HubConnection {
  readonly hostName: string
  readonly policyName: string
  readonly sharedAccessKey: string
  /** Where to connect instead of the host name: a private endpoint, or a hub on this machine. */
  readonly gateway: { readonly host: string; readonly port: number } | undefined
}

const known = ['HostName', 'SharedAccessKeyName', 'SharedAccessKey', 'GatewayHostName'] as const
type Part = (typeof known)[number]

const whereToFind =
  'In the Azure portal, open the hub, then "Shared access policies", choose a policy, and copy a connection string.'

/**
 * Reads `HostName=...;SharedAccessKeyName=...;SharedAccessKey=...`, as the Azure portal gives it.
 * Errors: `invalid-input`, whose message names the wrong part and never repeats its value.
 */
export function parseConnectionString(text: string): HubConnection {
  const parts = splitParts(text)
  refuseOtherKinds(parts)
  for (const name of parts.keys()) {
    if (!isKnown(name)) throw wrong(`${shorten(name)} is not a part of a hub's connection string.`)
  }
  return {
    hostName: hostName(required(parts, 'HostName')),
    policyName: required(parts, 'SharedAccessKeyName'),
    sharedAccessKey: key(required(parts, 'SharedAccessKey')),
    gateway: gateway(parts.get('GatewayHostName')),
  }
}

function splitParts(text: string): ReadonlyMap<string, string> {
  const trimmed = text.trim().replace(/^(["'])(.*)\1$/s, '$2')
  if (trimmed === '') throw wrong('The connection string is empty.')
  const parts = new Map<string, string>()
  for (const part of trimmed.split(';').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=')
    if (at < 1) throw wrong('One part of the connection string has no name: each part reads "Name=value".')
    const name = part.slice(0, at).trim()
    if (parts.has(name)) throw wrong(`${shorten(name)} is there twice.`)
    parts.set(name, part.slice(at + 1).trim())
  }
  return parts
}

/** Azure has many connection strings; the person is told which one this is. */
function refuseOtherKinds(parts: ReadonlyMap<string, string>): void {
  if (parts.has('DeviceId')) {
    throw wrong('This is the connection string of one device, not of the hub.')
  }
  if (parts.has('Endpoint') || parts.has('EntityPath')) {
    throw wrong('This is an Event Hubs or Service Bus connection string, not one of an IoT hub.')
  }
  if (parts.has('AccountName') || parts.has('DefaultEndpointsProtocol')) {
    throw wrong('This is a storage account connection string, not one of an IoT hub.')
  }
  if (parts.has('SharedAccessSignature')) {
    throw wrong('A shared access signature expires; Drover needs the policy name and its key.')
  }
}

function isKnown(name: string): name is Part {
  return known.includes(name as Part)
}

function required(parts: ReadonlyMap<string, string>, name: Part): string {
  const value = parts.get(name)
  if (value === undefined) throw wrong(`"${name}" is missing.`)
  if (value === '') throw wrong(`"${name}" is empty.`)
  return value
}

const hostPattern =
  /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/

function hostName(value: string): string {
  if (value.length > 253 || !hostPattern.test(value)) {
    throw wrong('"HostName" is not a host name such as contoso.azure-devices.net.')
  }
  return value.toLowerCase()
}

function key(value: string): string {
  const isBase64 = value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
  if (!isBase64) throw wrong('"SharedAccessKey" is not a whole key: it is Base64 and usually ends with "=".')
  return value
}

function gateway(value: string | undefined): HubConnection['gateway'] {
  if (value === undefined) return undefined
  const match = /^([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(value)
  const port = Number(match?.[2] ?? 443)
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw wrong('"GatewayHostName" is not a host name, with or without ":port".')
  }
  return { host: match[1], port }
}

/** A part's name may be a piece of a key when separators were lost: no more of it than a name needs. */
function shorten(name: string): string {
  return /^[A-Za-z]{1,24}$/.test(name) ? `"${name}"` : 'One part'
}

function wrong(message: string): AppError {
  return new AppError('invalid-input', message, { field: 'connectionString', nextStep: whereToFind })
}
