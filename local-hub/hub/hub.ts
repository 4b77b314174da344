import type { Clock } from './clock.ts'
import { DeviceStore } from './device-store.ts'
import { DirectMethods } from './direct-methods.ts'
import { Modules } from './modules.ts'
import { Presence } from './presence.ts'
import { QueryView } from './query-view.ts'
import { Registry } from './registry.ts'
import { Telemetry } from './telemetry.ts'
import { Twins } from './twins.ts'

/** What an IoT hub does, without its protocols. */
export interface Hub {
  readonly clock: Clock
  readonly store: DeviceStore
  readonly registry: Registry
  readonly twins: Twins
  readonly presence: Presence
  readonly methods: DirectMethods
  readonly telemetry: Telemetry
  readonly queryView: QueryView
  readonly modules: Modules
}

export function createHub({ clock, queryLagMs }: { clock: Clock; queryLagMs: number }): Hub {
  const store = new DeviceStore()
  const queryView = new QueryView(store, clock, queryLagMs)
  const presence = new Presence(store, clock)
  const twins = new Twins(store, clock, (deviceId, patch, version) => {
    presence.link(deviceId)?.deliverDesired(patch, version)
  })
  const methods = new DirectMethods({ store, presence, clock })
  const registry = new Registry(store, clock)
  const telemetry = new Telemetry(presence)
  const modules = new Modules({ devices: store, clock, queryLagMs })
  return { clock, store, registry, twins, presence, methods, telemetry, queryView, modules }
}
