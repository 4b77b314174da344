import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * A shared access signature as it arrived.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas#sas-token-structure
 */
export interface SasToken {
  /** Exactly as in the token, because that is what was signed. */
  readonly rawResource: string
  /** Decoded. */
  readonly resource: string
  readonly signature: Buffer
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly rawExpiry: string
  readonly keyName: string | undefined
}

/** Answers `undefined` for what is not a token. */
export function parseSasToken(text: string): SasToken | undefined {
  const fields = /^SharedAccessSignature\s+(\S{1,4096})$/.exec(text)?.[1]
  if (fields === undefined) return undefined
  const raw = new Map(fields.split('&').map(splitField))
  const [rawResource, rawExpiry, signature] = [raw.get('sr'), raw.get('se'), decode(raw.get('sig'))]
  const resource = decode(rawResource)
  if (rawResource === undefined || resource === undefined || signature === undefined) return undefined
  if (rawExpiry === undefined || !/^\d{1,12}$/.test(rawExpiry)) return undefined
  // Node would read past what is no base64: one signature would have many spellings.
  if (!isBase64(signature)) return undefined
  return {
    rawResource,
    resource,
    signature: Buffer.from(signature, 'base64'),
    expiresAt: Number(rawExpiry) * 1000,
    rawExpiry,
    keyName: decode(raw.get('skn')),
  }
}

/** `key` is base64; only the decoded bytes sign. */
export function isSignedBy(token: SasToken, key: string): boolean {
  const expected = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${token.rawResource}\n${token.rawExpiry}`)
    .digest()
  return token.signature.length === expected.length && timingSafeEqual(token.signature, expected)
}

/** True when the token is for this resource or for something above it: `hub` covers `hub/devices/x`. */
export function coversResource(token: SasToken, resource: string): boolean {
  const scope = foldHost(token.resource).replace(/\/+$/, '')
  const wanted = foldHost(resource)
  return wanted === scope || wanted.startsWith(`${scope}/`)
}

/** Host names ignore case, device ids do not. */
export function foldHost(resource: string): string {
  const slash = resource.indexOf('/')
  return slash === -1
    ? resource.toLowerCase()
    : resource.slice(0, slash).toLowerCase() + resource.slice(slash)
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}

function splitField(field: string): [name: string, value: string] {
  const equals = field.indexOf('=')
  return equals === -1 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)]
}

function decode(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value)
  } catch {
    // A malformed escape makes it no token; the caller says so.
    return undefined
  }
}
