import type { DeviceKeys, DeviceRecord, DeviceStatus } from '../hub/device-record.ts'
import { invalid, notImplemented } from '../hub/hub-error.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { DeviceSettings } from '../hub/registry.ts'
import { formatTimestamp } from '../hub/timestamp.ts'

/** A device identity as the registry shows it, keys included. */
export function deviceJson(record: DeviceRecord): JsonObject {
  return {
    deviceId: record.deviceId,
    generationId: record.generationId,
    etag: record.etag,
    connectionState: record.connectionState,
    status: record.status,
    statusReason: record.statusReason ?? null,
    connectionStateUpdatedTime: formatTimestamp(record.connectionStateUpdatedAt),
    statusUpdatedTime: formatTimestamp(record.statusUpdatedAt),
    lastActivityTime: formatTimestamp(record.lastActivityAt),
    cloudToDeviceMessageCount: 0,
    authentication: {
      symmetricKey: { primaryKey: record.keys.primary, secondaryKey: record.keys.secondary },
      x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
      type: 'sas',
    },
    capabilities: { iotEdge: false },
  }
}

/** What a client says about a device; throws ArgumentInvalid, or NotImplemented for X.509 and IoT Edge. */
export function parseDeviceSettings(body: JsonObject): DeviceSettings {
  if (isJsonObject(body['capabilities']) && body['capabilities']['iotEdge'] === true) {
    throw notImplemented('IoT Edge devices')
  }
  return {
    status: parseStatus(body['status']),
    statusReason: parseStatusReason(body['statusReason']),
    keys: parseAuthentication(body['authentication']),
  }
}

function parseStatus(status: JsonValue | undefined): DeviceStatus {
  const lower = typeof status === 'string' ? status.toLowerCase() : (status ?? 'enabled')
  if (lower === 'enabled' || lower === 'disabled') return lower
  throw invalid("status should be 'enabled' or 'disabled'")
}

function parseStatusReason(reason: JsonValue | undefined): string | undefined {
  if (reason === undefined || reason === null) return undefined
  if (typeof reason === 'string' && reason.length <= 128) return reason
  throw invalid('statusReason should be a text of at most 128 characters')
}

function parseAuthentication(authentication: JsonValue | undefined): Partial<DeviceKeys> {
  if (authentication === undefined || authentication === null) return {}
  if (!isJsonObject(authentication)) throw invalid('authentication should be an object')
  const type = authentication['type'] ?? 'sas'
  if (type !== 'sas') throw notImplemented(`device authentication of the type ${JSON.stringify(type)}`)
  const { primaryKey, secondaryKey } = isJsonObject(authentication['symmetricKey'])
    ? authentication['symmetricKey']
    : ({} as JsonObject)
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
