import type { Credentials, DeviceKeys, Thumbprints } from '../hub/device-record.ts'
import { invalid, notImplemented } from '../hub/hub-error.ts'
import type { NewCredentials } from '../hub/identity-secrets.ts'
import { thumbprintJson } from '../hub/twin-view.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'

const nothing = { primary: null, secondary: null }

/** `authentication` of an identity as the registry shows it, keys included. */
export function authenticationJson(credentials: Credentials): JsonObject {
  const { type } = credentials
  const { primary: primaryKey, secondary: secondaryKey } = type === 'sas' ? credentials.keys : nothing
  return { symmetricKey: { primaryKey, secondaryKey }, x509Thumbprint: thumbprintJson(credentials), type }
}

/** Throws ArgumentInvalid, also for keys and thumbprints that do not go with the type. */
export function parseAuthentication(authentication: JsonValue | undefined): NewCredentials {
  if (authentication === undefined || authentication === null) return { type: 'sas', keys: {} }
  if (!isJsonObject(authentication)) throw invalid('authentication should be an object')
  const keys = keysOf(partOf(authentication, 'symmetricKey'))
  const thumbprints = thumbprintsOf(partOf(authentication, 'x509Thumbprint'))
  const credentials = credentialsOf(typeOf(authentication, thumbprints), keys, thumbprints)
  const [hasKey, hasThumbprint] = [keys, thumbprints].map(({ primary, secondary }) =>
    Boolean(primary ?? secondary),
  )
  if (hasKey && credentials.type !== 'sas')
    throw invalid(`A device of the type ${credentials.type} has no keys`)
  if (hasThumbprint && credentials.type !== 'selfSigned')
    throw invalid(`A device of the type ${credentials.type} has no thumbprints`)
  return credentials
}

function credentialsOf(type: string, keys: Partial<DeviceKeys>, thumbprints: Thumbprints): NewCredentials {
  switch (type) {
    case 'sas':
      return { type, keys }
    case 'selfSigned':
      if (thumbprints.primary === undefined && thumbprints.secondary === undefined)
        throw invalid('A device of the type selfSigned needs a thumbprint')
      return { type, thumbprints }
    case 'certificateAuthority':
      return { type }
    default:
      throw notImplemented(`device authentication of the type ${JSON.stringify(type)}`)
  }
}

/** What is left out is told by the thumbprints, as the SDK does. */
function typeOf({ type }: JsonObject, { primary, secondary }: Thumbprints): string {
  if (type === undefined || type === null) return (primary ?? secondary) === undefined ? 'sas' : 'selfSigned'
  if (typeof type === 'string') return type
  throw invalid('authentication.type should be a text')
}

function partOf(authentication: JsonObject, name: string): JsonObject {
  const part = authentication[name] ?? {}
  if (isJsonObject(part)) return part
  throw invalid(`authentication.${name} should be an object`)
}

function keysOf({ primaryKey, secondaryKey }: JsonObject): Partial<DeviceKeys> {
  return { ...parseKey('primary', primaryKey), ...parseKey('secondary', secondaryKey) }
}

/** The SDK sends empty keys to ask for new ones. */
function parseKey(name: keyof DeviceKeys, key: JsonValue | undefined): Partial<DeviceKeys> {
  if (key === undefined || key === null || key === '') return {}
  if (typeof key !== 'string' || !isKey(key))
    throw invalid(`The ${name} key should be 16 to 64 bytes in base64`)
  return { [name]: key }
}

function isKey(key: string): boolean {
  const bytes = Buffer.from(key, 'base64')
  return bytes.toString('base64') === key && bytes.length >= 16 && bytes.length <= 64
}

function thumbprintsOf({ primaryThumbprint, secondaryThumbprint }: JsonObject): Thumbprints {
  return {
    primary: parseThumbprint('primary', primaryThumbprint),
    secondary: parseThumbprint('secondary', secondaryThumbprint),
  }
}

/** SHA-1 or SHA-256. */
function parseThumbprint(name: string, thumbprint: JsonValue | undefined): string | undefined {
  if (thumbprint === undefined || thumbprint === null || thumbprint === '') return undefined
  if (typeof thumbprint === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(thumbprint)) return thumbprint
  throw invalid(`The ${name} thumbprint should be 40 or 64 hexadecimal digits`)
}
