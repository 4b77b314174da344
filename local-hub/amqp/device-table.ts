import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { HubError } from '../hub/hub-error.ts'
import type { TakeoverLimit } from '../mqtt/takeover-limit.ts'
import { AmqpDevice } from './amqp-device.ts'
import type { AmqpContext } from './amqp-peer.ts'

export interface DeviceTableOptions extends Pick<AmqpContext, 'hub' | 'limits'> {
  readonly takeovers: TakeoverLimit
  readonly guard: (work: () => void) => void
  readonly onDisconnect: (device: AmqpDevice) => void
}

/** The devices of one connection: a gateway may have many. */
export class DeviceTable {
  readonly #options: DeviceTableOptions
  readonly #devices = new Map<string, AmqpDevice>()

  constructor(options: DeviceTableOptions) {
    this.#options = options
  }

  /** Throws ThrottlingException when there are too many new connections, or takeovers of this device. */
  get(identity: DeviceIdentity): AmqpDevice {
    const known = this.#devices.get(identityKey(identity))
    if (known?.hasLinks) return known
    this.#admit(identity)
    const { hub, limits, guard, onDisconnect } = this.#options
    const device = new AmqpDevice({
      hub,
      identity,
      limits,
      guard,
      onDisconnect() {
        onDisconnect(device)
      },
    })
    this.#devices.set(device.key, device)
    return device
  }

  /** AMQP opens a link at once or not at all: what would have to wait is refused. */
  #admit(identity: DeviceIdentity): void {
    const { hub, limits, takeovers } = this.#options
    const key = identityKey(identity)
    limits.throttles.take('connection')
    const isTakeover = identitiesOf(hub, identity).presence.link(key) !== undefined
    if (isTakeover && takeovers.delayMs(key, hub.clock.now()) > 0) {
      throw new HubError('ThrottlingException', 'The device is connected elsewhere, again and again')
    }
  }
}
