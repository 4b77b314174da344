import { fault } from '../../contract/faults.ts'

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

/**
 * Reads `HostName=...;SharedAccessKeyName=...;SharedAccessKey=...`, as the Azure portal gives it.
 * Errors: `invalid-input`, whose message names the wrong part and never repeats its value.
 */
export function parseConnectionString(text: string): HubConnection {
  const parts = splitParts(text)
  refuseOtherKinds(parts)
  for (const name of parts.keys()) {
    if (!isKnown(name)) throw fault('connection-unknown-part', { part: shorten(name) })
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
  if (trimmed === '') throw fault('connection-empty')
  const parts = new Map<string, string>()
  for (const part of trimmed.split(';').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=')
    if (at < 1) throw fault('connection-unnamed-part')
    const name = part.slice(0, at).trim()
    if (parts.has(name)) throw fault('connection-twice', { part: shorten(name) })
    parts.set(name, part.slice(at + 1).trim())
  }
  return parts
}

/** Azure has many connection strings; the person is told which one this is. */
function refuseOtherKinds(parts: ReadonlyMap<string, string>): void {
  if (parts.has('DeviceId')) {
    throw fault('connection-of-device')
  }
  if (parts.has('Endpoint') || parts.has('EntityPath')) {
    throw fault('connection-of-events')
  }
  if (parts.has('AccountName') || parts.has('DefaultEndpointsProtocol')) {
    throw fault('connection-of-storage')
  }
  if (parts.has('SharedAccessSignature')) {
    throw fault('connection-signature')
  }
}

function isKnown(name: string): name is Part {
  return known.includes(name as Part)
}

function required(parts: ReadonlyMap<string, string>, name: Part): string {
  const value = parts.get(name)
  if (value === undefined) throw fault('connection-missing', { part: `"${name}"` })
  if (value === '') throw fault('connection-part-empty', { part: `"${name}"` })
  return value
}

const hostPattern =
  /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/

function hostName(value: string): string {
  if (value.length > 253 || !hostPattern.test(value)) {
    throw fault('connection-host')
  }
  return value.toLowerCase()
}

function key(value: string): string {
  const isBase64 = value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
  if (!isBase64) throw fault('connection-key')
  return value
}

function gateway(value: string | undefined): HubConnection['gateway'] {
  if (value === undefined) return undefined
  const match = /^([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?$/.exec(value)
  const port = Number(match?.[2] ?? 443)
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw fault('connection-gateway')
  }
  return { host: match[1], port }
}

/** A part's name may be a piece of a key when separators were lost: no more of it than a name needs. */
function shorten(name: string): string {
  return /^[A-Za-z]{1,24}$/.test(name) ? `"${name}"` : '"…"'
}
