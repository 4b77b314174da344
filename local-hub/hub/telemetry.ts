import type { EventLog } from '../events/event-log.ts'
import type { EventSystemProperties, SenderAuthentication } from '../events/hub-event.ts'
import { sizeOfEvent } from '../events/hub-event.ts'
import type { HubEvent } from '../events/hub-event.ts'
import { identityKey } from './device-identity.ts'
import type { DeviceIdentity } from './device-identity.ts'
import { HubError } from './hub-error.ts'
import type { DeviceStore } from './device-store.ts'
import type { Presence } from './presence.ts'

/** A device-to-cloud message. */
export interface TelemetryMessage {
  readonly deviceId: string
  readonly moduleId?: string | undefined
  readonly authentication?: SenderAuthentication | undefined
  readonly system?: EventSystemProperties
  readonly properties?: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface TelemetryOptions {
  readonly store: DeviceStore
  /** Of the devices. */
  readonly presence: Presence
  readonly modules: { readonly presence: Presence }
  readonly events: EventLog
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling: 256 KB, properties included. */
export const largestTelemetry = 256 * 1024

/** Device-to-cloud messages: counted, and handed to whoever reads the built-in endpoint. */
export class Telemetry {
  readonly #options: TelemetryOptions
  #count = 0

  constructor(options: TelemetryOptions) {
    this.#options = options
  }

  /** Messages since the hub started. */
  get count(): number {
    return this.#count
  }

  /** Answers the bytes of body and properties; throws MessageTooLarge. */
  receive(message: TelemetryMessage): number {
    const { store, events } = this.#options
    const event: HubEvent = {
      system: {},
      properties: {},
      ...message,
      source: 'Telemetry',
      generationId: store.get(message.deviceId)?.generationId,
    }
    const size = sizeOfEvent(event)
    if (size > largestTelemetry) {
      throw new HubError('MessageTooLarge', 'A device-to-cloud message should be at most 256 KB')
    }
    this.#count += 1
    this.#noteActivity({ deviceId: message.deviceId, moduleId: message.moduleId })
    events.append(event)
    return size
  }

  #noteActivity(sender: DeviceIdentity): void {
    const { presence, modules } = this.#options
    const senders = sender.moduleId === undefined ? presence : modules.presence
    senders.noteActivity(identityKey(sender))
  }
}
