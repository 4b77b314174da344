import type { DeviceRecord, DeviceStatus } from '../hub/device-record.ts'
import { invalid, notImplemented } from '../hub/hub-error.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { DeviceSettings } from '../hub/registry.ts'
import { formatTimestamp } from '../hub/timestamp.ts'
import { authenticationJson, parseAuthentication } from './authentication-json.ts'

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
    cloudToDeviceMessageCount: record.cloudToDeviceMessageCount ?? 0,
    authentication: authenticationJson(record.credentials),
    capabilities: { iotEdge: false },
  }
}

/** What a client says about a device; throws ArgumentInvalid, or NotImplemented for IoT Edge. */
export function parseDeviceSettings(body: JsonObject): DeviceSettings {
  assertNoEdge(body)
  return {
    status: parseStatus(body['status']),
    statusReason: parseStatusReason(body['statusReason']),
    credentials: parseAuthentication(body['authentication']),
  }
}

/** A parent is an IoT Edge device. */
function assertNoEdge({ capabilities, deviceScope, parentScopes }: JsonObject): void {
  const hasParent = Boolean(deviceScope) || (Array.isArray(parentScopes) && parentScopes.length > 0)
  const isEdge = isJsonObject(capabilities) && capabilities['iotEdge'] === true
  if (isEdge || hasParent) throw notImplemented('IoT Edge devices')
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
