import { EventLog } from '../events/event-log.ts'
import type { Clock } from './clock.ts'
import { CloudToDevice } from './cloud-to-device.ts'
import { DeviceStore } from './device-store.ts'
import { DirectMethods } from './direct-methods.ts'
import { deviceNotFound } from './hub-error.ts'
import { inMemoryOnly } from './durability.ts'
import type { Durability } from './durability.ts'
import { FeedbackQueue } from './feedback-queue.ts'
import { assertRoom } from './identity-room.ts'
import { Modules } from './modules.ts'
import { Presence } from './presence.ts'
import { QueryView } from './query-view.ts'
import { Registry } from './registry.ts'
import { Sessions } from './sessions.ts'
import { Telemetry } from './telemetry.ts'
import { Twins } from './twins.ts'

/** What an IoT hub does, without its protocols. */
export interface Hub {
  readonly clock: Clock
  readonly durability: Durability
  readonly store: DeviceStore
  readonly registry: Registry
  readonly twins: Twins
  readonly presence: Presence
  readonly methods: DirectMethods
  readonly telemetry: Telemetry
  readonly cloudToDevice: CloudToDevice
  /** Of cloud-to-device messages, for the back end. */
  readonly feedback: FeedbackQueue
  /** The built-in endpoint. */
  readonly events: EventLog
  readonly queryView: QueryView
  readonly modules: Modules
  /** What devices over MQTT find again. */
  readonly sessions: Sessions
}

export interface NewHub {
  readonly clock: Clock
  readonly queryLagMs: number
  readonly durability?: Durability
  /** Of devices and modules together; the default is as many as IoT Hub has room for. */
  readonly mostIdentities?: number
}

export function createHub(options: NewHub): Hub {
  const { clock, queryLagMs, durability = inMemoryOnly, mostIdentities } = options
  const store = new DeviceStore()
  const assertRoomForOne = () => {
    assertRoom(store.size + modules.store.size, mostIdentities)
  }
  const queryView = new QueryView(store, clock, queryLagMs)
  const presence = new Presence(store, clock)
  const twins = new Twins(store, clock, (deviceId, patch, version) => {
    presence.link(deviceId)?.deliverDesired(patch, version)
  })
  const methods = new DirectMethods({ store, presence, clock, notFound: deviceNotFound })
  const registry = new Registry(store, clock, assertRoomForOne)
  const events = new EventLog({ clock })
  const cloudToDevice = new CloudToDevice(store, clock)
  const feedback = new FeedbackQueue(clock)
  cloudToDevice.onFeedback((record) => {
    feedback.add(record)
  })
  const modules = new Modules({ devices: store, clock, queryLagMs, assertRoomForOne })
  const telemetry = new Telemetry({ store, presence, modules, events })
  const sessions = new Sessions()
  for (const identities of [store, modules.store]) {
    identities.onChange((key, record) => {
      if (!record) sessions.delete(key)
    })
  }
  return {
    clock,
    durability,
    store,
    registry,
    twins,
    presence,
    methods,
    telemetry,
    cloudToDevice,
    feedback,
    events,
    queryView,
    modules,
    sessions,
  }
}
