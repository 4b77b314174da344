import type { Faults } from '../faults/faults.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import type { Limits } from '../limits/limits.ts'
import type { DeviceAccess } from '../security/device-access.ts'
import type { EventsEndpoint } from './events-endpoint.ts'
import type { Claims } from './claims.ts'
import type { AmqpDevice } from './amqp-device.ts'
import type { AmqpWire } from './amqp-faults.ts'
import type { WaitingMessages } from './waiting-messages.ts'

/** What all connections of a hub have in common. */
export interface AmqpContext extends DeviceAccess {
  readonly limits: Limits
  readonly events: EventsEndpoint
  readonly faults: Faults
  readonly testToken: string | undefined
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** One connection, as its links see it. */
export interface AmqpPeer extends AmqpContext {
  readonly claims: Claims
  /** Runs what may go wrong, so that nothing it throws ends the process. */
  readonly guard: (work: () => void) => void
  /** The messages of this client that the hub has not settled. */
  readonly waiting: WaitingMessages
  readonly wire: AmqpWire
  /** Does the work after so long, unless the connection has ended. */
  readonly later: (delayMs: number, work: () => void) => void
  /** There is a token that expires at some time. */
  tokenPut(): void
  /** The device with its links on this connection, which is connected as long as it has one. Throws ThrottlingException. */
  device(identity: DeviceIdentity): AmqpDevice
}

/** A link that is open: what to do when it ends, and whether it still may be. */
export interface OpenLink {
  readonly close?: () => void
  /** Whose link it is. */
  readonly device?: AmqpDevice
  /** Throws HubError when the client may no longer have the link. */
  readonly recheck?: () => void
}
