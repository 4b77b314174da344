import type { DialectName } from './fleet-spec.ts'
import type { DeviceFault } from './light/faults.ts'
import type { LightKind } from './light/light-device.ts'

/** One device of a fleet: its identity at the hub, and how it behaves. */
export interface FleetDevice {
  readonly deviceId: string
  readonly tags: Readonly<Record<string, unknown>>
  readonly behaviour: Behaviour
}

export type Behaviour =
  /** The real agent on a simulated machine; one that is down for `Infinity` accepts a reboot and never returns. */
  | { readonly type: 'agent'; readonly firmwareVersion: string; readonly downMs: number }
  /** The device of the public tutorial, or of the SDK's sample, which names the time of the reboot differently. */
  | {
      readonly type: 'tutorial'
      readonly property: 'lastReboot' | 'startedRebootTime'
      readonly downMs: number
    }
  /** One of thousands. */
  | {
      readonly type: 'light'
      readonly dialect: DialectName
      readonly kind: LightKind
      readonly fault: DeviceFault | undefined
    }
  /** Registered, and never seen. */
  | { readonly type: 'absent' }
