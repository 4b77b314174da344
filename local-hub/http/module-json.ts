import { invalid } from '../hub/hub-error.ts'
import type { JsonObject } from '../hub/json.ts'
import type { ModuleRecord, ModuleSettings } from '../hub/modules.ts'
import { deviceJson, parseDeviceSettings } from './device-json.ts'

/** A module identity as the registry shows it, keys included. */
export function moduleJson({ deviceId, moduleId, managedBy, identity }: ModuleRecord): JsonObject {
  // These three belong to devices only.
  const { status: _status, statusReason: _reason, statusUpdatedTime: _time, ...common } = deviceJson(identity)
  const { capabilities: _capabilities, ...rest } = common
  return { ...rest, deviceId, moduleId, managedBy: managedBy ?? null }
}

/** Throws ArgumentInvalid. */
export function parseModuleSettings(body: JsonObject): ModuleSettings {
  const { managedBy } = body
  if (managedBy !== undefined && managedBy !== null && typeof managedBy !== 'string') {
    throw invalid('managedBy should be a text')
  }
  const { credentials } = parseDeviceSettings(body)
  return { ...(credentials && { credentials }), managedBy: managedBy ?? undefined }
}
