import { identityOfKey } from './device-identity.ts'
import type { DeviceRecord } from './device-record.ts'
import type { JsonObject } from './json.ts'
import { twinView } from './twin-view.ts'

/** A module twin as REST and queries show it, from the identity that is kept under `device/module`. */
export function moduleTwinView(identity: DeviceRecord): JsonObject {
  const { capabilities: _, ...twin } = twinView(identity)
  const { deviceId, moduleId = '' } = identityOfKey(identity.deviceId)
  return { ...twin, deviceId, moduleId }
}
