import type { DeviceId } from '../../contract/app/ids.ts'
import type { HubEvent } from '../ports/hub-events.ts'

/** Runs an action until it has ended, or the signal is aborted. */
export interface Run {
  run(signal: AbortSignal): Promise<void>
  /** Somebody has seen that the device changed: it is looked at now. */
  sighted(deviceId: DeviceId): void
  /** The hub tells by itself what has happened to the device. */
  told(deviceId: DeviceId, event: HubEvent): void
  /** The hub tells from now on; what has happened until now has to be looked for. */
  listening(): void
}
