import type { DeviceStore } from './device-store.ts'
import type { DirectMethods } from './direct-methods.ts'
import type { Hub } from './hub.ts'
import type { Presence } from './presence.ts'
import type { Twins } from './twins.ts'

/** A device, or a module of it. */
export interface DeviceIdentity {
  readonly deviceId: string
  readonly moduleId: string | undefined
}

/** What a connected identity needs of the hub, by its key. */
export interface Identities {
  readonly store: DeviceStore
  readonly twins: Twins
  readonly presence: Presence
  readonly methods: DirectMethods
}

/** `device` or `device/module`, which no device id can be. */
export function identityKey({ deviceId, moduleId }: DeviceIdentity): string {
  return moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`
}

/** The inverse of `identityKey`. */
export function identityOfKey(key: string): DeviceIdentity {
  const slash = key.indexOf('/')
  return slash === -1
    ? { deviceId: key, moduleId: undefined }
    : { deviceId: key.slice(0, slash), moduleId: key.slice(slash + 1) }
}

/** Devices and modules are kept apart, and work alike. */
export function identitiesOf(hub: Hub, { moduleId }: DeviceIdentity): Identities {
  return moduleId === undefined ? hub : hub.modules
}
