import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { firstTwin } from './changed-twin.ts'
import type { TwinChange } from './changed-twin.ts'
import { assertModuleId } from './device-id.ts'
import type { DeviceRecord } from './device-record.ts'
import { DeviceStore } from './device-store.ts'
import { identityKey, identityOfKey } from './device-identity.ts'
import type { DeviceIdentity, Identities } from './device-identity.ts'
import { DirectMethods } from './direct-methods.ts'
import { etagMatches } from './etag.ts'
import { HubError, deviceNotFound, moduleNotFound } from './hub-error.ts'
import { completeCredentials, newEtag } from './identity-secrets.ts'
import type { NewCredentials } from './identity-secrets.ts'
import { Presence } from './presence.ts'
import { QueryView } from './query-view.ts'
import type { TwinRow } from './query-view.ts'
import { Twins } from './twins.ts'
import type { TwinChangeRequest } from './twins.ts'

export interface ModuleId extends DeviceIdentity {
  readonly moduleId: string
}

/** What a client may say about a module; without credentials it gets keys. */
export interface ModuleSettings {
  readonly credentials?: NewCredentials
  readonly managedBy: string | undefined
}

export interface NewModule extends ModuleSettings {
  /** What its twin holds from the beginning. */
  readonly twin?: TwinChange
}

export interface ModuleRecord extends ModuleId {
  readonly managedBy: string | undefined
  /** What a module has in common with a device; its `deviceId` is `device/module`. */
  readonly identity: DeviceRecord
}

export interface ModulesOptions {
  readonly devices: DeviceStore
  readonly clock: Clock
  readonly queryLagMs: number
  /** Throws when the hub has too many devices and modules. */
  readonly assertRoomForOne: () => void
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-module-twins */
const mostModules = 50

/**
 * The modules of all devices: identities with keys and a twin of their own. They are kept as devices are, under
 * `device/module`, which no device id can be, so that one implementation of twins and of queries serves both.
 */
export class Modules implements Identities {
  readonly store = new DeviceStore()
  readonly twins: Twins
  readonly presence: Presence
  readonly methods: DirectMethods
  readonly #devices: DeviceStore
  readonly #clock: Clock
  readonly #view: QueryView
  readonly #assertRoomForOne: () => void
  /** By device, then by module id: who manages it. */
  readonly #managers = new Map<string, Map<string, string | undefined>>()

  constructor({ devices, clock, queryLagMs, assertRoomForOne }: ModulesOptions) {
    this.#assertRoomForOne = assertRoomForOne
    this.#devices = devices
    this.#clock = clock
    const { store } = this
    const presence = new Presence(store, clock)
    this.presence = presence
    this.twins = new Twins(store, clock, (key, patch, version) => {
      presence.link(key)?.deliverDesired(patch, version)
    })
    this.methods = new DirectMethods({ store, presence, clock, notFound: moduleNotFound })
    this.#view = new QueryView(store, clock, queryLagMs)
    devices.onChange((deviceId, record) => {
      if (record) this.#followStatus(record)
      else this.#deleteAll(deviceId)
    })
  }

  /** Throws DeviceNotFound, ModuleNotFound. */
  get(id: ModuleId): ModuleRecord {
    const managers = this.#managersOn(id.deviceId)
    const key = identityKey(id)
    const identity = this.store.get(key)
    if (!identity) throw moduleNotFound(key)
    return { ...id, managedBy: managers?.get(id.moduleId), identity }
  }

  /** In order of creation. Throws DeviceNotFound. */
  list(deviceId: string): readonly ModuleRecord[] {
    return [...(this.#managersOn(deviceId)?.keys() ?? [])].map((moduleId) => this.get({ deviceId, moduleId }))
  }

  /** Throws ArgumentInvalid, DeviceNotFound, ModuleAlreadyExistsOnDevice, TooManyModulesOnDevice, IotHubQuotaExceeded. */
  create(id: ModuleId, settings: NewModule): ModuleRecord {
    assertModuleId(id.moduleId)
    const managers = this.#managersOn(id.deviceId) ?? new Map<string, string | undefined>()
    if (managers.has(id.moduleId)) {
      throw new HubError('ModuleAlreadyExistsOnDevice', `Module ${id.moduleId} already exists on the device`)
    }
    if (managers.size >= mostModules) {
      throw new HubError('TooManyModulesOnDevice', `A device has at most ${mostModules} modules`)
    }
    this.#assertRoomForOne()
    const identity = this.#newIdentity(id, settings)
    this.#managers.set(id.deviceId, managers.set(id.moduleId, settings.managedBy))
    this.store.put(identity)
    return this.get(id)
  }

  /** Throws DeviceNotFound, ModuleNotFound, PreconditionFailed. */
  update(id: ModuleId, { credentials, managedBy }: ModuleSettings, ifMatch: string): ModuleRecord {
    const { identity } = this.#matching(id, ifMatch)
    this.#managers.get(id.deviceId)?.set(id.moduleId, managedBy)
    this.store.put({ ...identity, etag: newEtag(), credentials: completeCredentials(credentials) })
    return this.get(id)
  }

  /** Throws DeviceNotFound, ModuleNotFound, PreconditionFailed. */
  delete(id: ModuleId, ifMatch: string): void {
    this.#matching(id, ifMatch)
    this.#managers.get(id.deviceId)?.delete(id.moduleId)
    this.store.delete(identityKey(id))
  }

  /** Throws what `get` and `Twins.change` throw. */
  changeTwin(id: ModuleId, request: TwinChangeRequest): ModuleRecord {
    this.get(id)
    this.twins.change(identityKey(id), request)
    return this.get(id)
  }

  /** Puts back a module that was kept from an earlier run. */
  restore({ deviceId, moduleId, managedBy, identity }: ModuleRecord): void {
    const managers = this.#managers.get(deviceId) ?? new Map<string, string | undefined>()
    this.#managers.set(deviceId, managers.set(moduleId, managedBy))
    this.store.put(identity)
  }

  /** The module of an identity that this collection holds, or has just held. */
  withManager(identity: DeviceRecord): ModuleRecord {
    const { deviceId, moduleId = '' } = identityOfKey(identity.deviceId)
    return { deviceId, moduleId, managedBy: this.#managers.get(deviceId)?.get(moduleId), identity }
  }

  /** Ends the lag of all changes until now. */
  showAll(): void {
    this.#view.showAll()
  }

  /** The module twins as queries see them. */
  rows(): readonly TwinRow[] {
    return this.#view.rows()
  }

  /** Throws DeviceNotFound; `undefined` when the device has never had a module. */
  #managersOn(deviceId: string): Map<string, string | undefined> | undefined {
    if (!this.#devices.get(deviceId)) throw deviceNotFound(deviceId)
    return this.#managers.get(deviceId)
  }

  #matching(id: ModuleId, ifMatch: string): ModuleRecord {
    const module = this.get(id)
    if (etagMatches(ifMatch, module.identity.etag)) return module
    throw new HubError('PreconditionFailed', 'Precondition failed: Module version did not match.')
  }

  #newIdentity(id: ModuleId, { credentials, twin }: NewModule): DeviceRecord {
    return {
      deviceId: identityKey(id),
      sequence: this.store.nextSequence(),
      generationId: randomBytes(8).readBigUInt64BE().toString(),
      etag: newEtag(),
      status: this.#devices.get(id.deviceId)?.status ?? 'enabled',
      statusReason: undefined,
      statusUpdatedAt: undefined,
      credentials: completeCredentials(credentials),
      connectionState: 'Disconnected',
      connectionStateUpdatedAt: undefined,
      lastActivityAt: undefined,
      twin: firstTwin(this.#clock.now(), twin),
    }
  }

  /** A module of a disabled device is disabled too: it is disconnected and refused. */
  #followStatus({ deviceId, status }: DeviceRecord): void {
    for (const moduleId of this.#managers.get(deviceId)?.keys() ?? []) {
      const identity = this.store.get(identityKey({ deviceId, moduleId }))
      if (identity && identity.status !== status) this.store.put({ ...identity, status })
    }
  }

  #deleteAll(deviceId: string): void {
    const moduleIds = [...(this.#managers.get(deviceId)?.keys() ?? [])]
    this.#managers.delete(deviceId)
    for (const moduleId of moduleIds) this.store.delete(identityKey({ deviceId, moduleId }))
  }
}
