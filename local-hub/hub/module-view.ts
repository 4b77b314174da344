import type { DeviceRecord } from './device-record.ts'
import type { JsonObject } from './json.ts'
import type { ModuleId } from './modules.ts'
import { twinView } from './twin-view.ts'

/** A module twin as REST and queries show it, from the identity that is kept under `device/module`. */
export function moduleTwinView(identity: DeviceRecord): JsonObject {
  const { capabilities: _, ...twin } = twinView(identity)
  return { ...twin, ...moduleIdOf(identity) }
}

/** The device of an identity: its own id, or what is before the slash of a module's. */
export function deviceOf({ deviceId: key }: DeviceRecord): string {
  const slash = key.indexOf('/')
  return slash === -1 ? key : key.slice(0, slash)
}

function moduleIdOf(identity: DeviceRecord): ModuleId {
  const deviceId = deviceOf(identity)
  return { deviceId, moduleId: identity.deviceId.slice(deviceId.length + 1) }
}
