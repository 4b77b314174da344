import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { assertModuleId } from './device-id.ts'
import type { DeviceKeys, DeviceRecord } from './device-record.ts'
import { DeviceStore } from './device-store.ts'
import { etagMatches } from './etag.ts'
import { HubError, deviceNotFound } from './hub-error.ts'
import { completeKeys, newEtag } from './identity-secrets.ts'
import { QueryView } from './query-view.ts'
import type { TwinRow } from './query-view.ts'
import { newTwin } from './twin-document.ts'
import { Twins } from './twins.ts'
import type { TwinChangeRequest } from './twins.ts'

export interface ModuleId {
  readonly deviceId: string
  readonly moduleId: string
}

/** What a client may say about a module; absent keys are generated. */
export interface ModuleSettings {
  readonly keys: Partial<DeviceKeys>
  readonly managedBy: string | undefined
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
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-module-twins */
const mostModules = 50

/**
 * The modules of all devices: identities with keys and a twin of their own. They are kept as devices are, under
 * `device/module`, which no device id can be, so that one implementation of twins and of queries serves both.
 */
export class Modules {
  readonly #devices: DeviceStore
  readonly #clock: Clock
  readonly #identities = new DeviceStore()
  readonly #twins: Twins
  readonly #view: QueryView
  /** By device, then by module id: who manages it. */
  readonly #managers = new Map<string, Map<string, string | undefined>>()

  constructor({ devices, clock, queryLagMs }: ModulesOptions) {
    this.#devices = devices
    this.#clock = clock
    // No module can connect yet, so nobody hears of its desired properties.
    this.#twins = new Twins(this.#identities, clock, () => undefined)
    this.#view = new QueryView(this.#identities, clock, queryLagMs)
    devices.onChange((deviceId, record) => {
      if (!record) this.#deleteAll(deviceId)
    })
  }

  /** Throws DeviceNotFound, ModuleNotFound. */
  get(id: ModuleId): ModuleRecord {
    const managers = this.#managersOn(id.deviceId)
    const identity = this.#identities.get(keyOf(id))
    if (!identity) {
      throw new HubError('ModuleNotFound', `Module ${id.moduleId} on device ${id.deviceId} not registered`)
    }
    return { ...id, managedBy: managers?.get(id.moduleId), identity }
  }

  /** In order of creation. Throws DeviceNotFound. */
  list(deviceId: string): readonly ModuleRecord[] {
    return [...(this.#managersOn(deviceId)?.keys() ?? [])].map((moduleId) => this.get({ deviceId, moduleId }))
  }

  /** Throws ArgumentInvalid for a bad id, DeviceNotFound, ModuleAlreadyExistsOnDevice, TooManyModulesOnDevice. */
  create(id: ModuleId, { keys, managedBy }: ModuleSettings): ModuleRecord {
    assertModuleId(id.moduleId)
    const managers = this.#managersOn(id.deviceId) ?? new Map<string, string | undefined>()
    if (managers.has(id.moduleId)) {
      throw new HubError('ModuleAlreadyExistsOnDevice', `Module ${id.moduleId} already exists on the device`)
    }
    if (managers.size >= mostModules) {
      throw new HubError('TooManyModulesOnDevice', `A device has at most ${mostModules} modules`)
    }
    this.#managers.set(id.deviceId, managers.set(id.moduleId, managedBy))
    this.#identities.put(this.#newIdentity(id, keys))
    return this.get(id)
  }

  /** Throws DeviceNotFound, ModuleNotFound, PreconditionFailed. */
  update(id: ModuleId, { keys, managedBy }: ModuleSettings, ifMatch: string): ModuleRecord {
    const { identity } = this.#matching(id, ifMatch)
    this.#managers.get(id.deviceId)?.set(id.moduleId, managedBy)
    this.#identities.put({ ...identity, etag: newEtag(), keys: completeKeys(keys) })
    return this.get(id)
  }

  /** Throws DeviceNotFound, ModuleNotFound, PreconditionFailed. */
  delete(id: ModuleId, ifMatch: string): void {
    this.#matching(id, ifMatch)
    this.#managers.get(id.deviceId)?.delete(id.moduleId)
    this.#identities.delete(keyOf(id))
  }

  /** Throws what `get` and `Twins.change` throw. */
  changeTwin(id: ModuleId, request: TwinChangeRequest): ModuleRecord {
    this.get(id)
    this.#twins.change(keyOf(id), request)
    return this.get(id)
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

  #newIdentity(id: ModuleId, keys: Partial<DeviceKeys>): DeviceRecord {
    return {
      deviceId: keyOf(id),
      sequence: this.#identities.nextSequence(),
      generationId: randomBytes(8).readBigUInt64BE().toString(),
      etag: newEtag(),
      status: 'enabled',
      statusReason: undefined,
      statusUpdatedAt: undefined,
      keys: completeKeys(keys),
      connectionState: 'Disconnected',
      connectionStateUpdatedAt: undefined,
      lastActivityAt: undefined,
      twin: newTwin(this.#clock.now()),
    }
  }

  #deleteAll(deviceId: string): void {
    const moduleIds = [...(this.#managers.get(deviceId)?.keys() ?? [])]
    this.#managers.delete(deviceId)
    for (const moduleId of moduleIds) this.#identities.delete(keyOf({ deviceId, moduleId }))
  }
}

function keyOf({ deviceId, moduleId }: ModuleId): string {
  return `${deviceId}/${moduleId}`
}
