import type { Duplex } from 'node:stream'
import type { Container, EventContext } from 'rhea'
import type { CancelTimer } from '../hub/clock.ts'
import { HubError } from '../hub/hub-error.ts'
import type { TakeoverLimit } from '../mqtt/takeover-limit.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import { acceptConnection, newContainer } from './amqp-container.ts'
import type { AmqpDevice } from './amqp-device.ts'
import type { AmqpWire } from './amqp-faults.ts'
import type { AmqpContext, AmqpPeer } from './amqp-peer.ts'
import { AmqpStream } from './amqp-stream.ts'
import { Claims } from './claims.ts'
import { DeviceTable } from './device-table.ts'
import { LinkTable } from './link-table.ts'
import { openReceiver, openSender } from './open-link.ts'
import { WaitingMessages } from './waiting-messages.ts'

export interface AmqpConnectionContext extends AmqpContext {
  readonly takeovers: TakeoverLimit
}

/** A client: over TLS, or over a WebSocket. */
export interface AmqpClient {
  readonly stream: Duplex
  readonly certificate: ClientCertificate | undefined
}

/** Whoever has not said who it is after so long is nobody. */
const openTimeoutMs = 20_000

/** What a device whose connection was taken over is told. */
const stolen = { condition: 'amqp:link:stolen', description: 'The device is gone, or connected elsewhere.' }

/** One connection: claims, then links, until one side ends it. */
export class AmqpConnection {
  readonly #context: AmqpConnectionContext
  readonly #stream: AmqpStream
  readonly #peer: AmqpPeer
  readonly #devices: DeviceTable
  readonly #links = new LinkTable()
  readonly #replies = { claims: new WeakMap(), management: new WeakMap() }
  #cancelOpening: CancelTimer
  #cancelExpiry: CancelTimer = () => undefined
  readonly #late = new Set<CancelTimer>()

  constructor({ stream, certificate }: AmqpClient, context: AmqpConnectionContext) {
    this.#context = context
    const guard = (work: () => void) => {
      this.#guard(work)
    }
    const onDisconnect = (device: AmqpDevice) => {
      if (this.#links.drop((link) => link.device === device, stolen) === 'end') this.end()
    }
    this.#devices = new DeviceTable({ ...context, guard, onDisconnect })
    this.#peer = {
      ...context,
      claims: new Claims({ ...context, certificate }),
      guard,
      waiting: new WaitingMessages(),
      wire: this.#wire(),
      later: (delayMs, work) => {
        this.#later(delayMs, work)
      },
      tokenPut: () => {
        this.#watchTokens()
      },
      device: (identity) => this.#devices.get(identity),
    }
    this.#stream = new AmqpStream(stream, context.hub.durability)
    const container = newContainer((user, password) => this.#acceptPlain(user, password))
    this.#listen(container)
    const connection = acceptConnection(container, this.#stream)
    stream.once('close', () => {
      this.#guard(() => {
        this.#close()
      })
    })
    this.#cancelOpening = this.#after(openTimeoutMs, () => {
      if (!connection.is_open() || this.#peer.claims.isAnonymous) this.end()
    })
  }

  /**
   * Hangs up after what was said last. Without AMQP's own goodbye, for the device SDK would answer it and then wait
   * three quarters of a minute for somebody who is gone; when a connection ends it connects anew.
   */
  end(): void {
    // Not when the socket closes: until then they would take what is for the next connection.
    this.#links.forgetAll()
    // rhea writes in its own time.
    setImmediate(() => {
      this.#stream.end()
    })
  }

  #listen(container: Container): void {
    const on = (event: string, work: (context: EventContext) => void) =>
      container.on(event, (context: EventContext) => {
        this.#guard(() => {
          work(context)
        })
      })
    on('receiver_open', ({ receiver }) => {
      if (!receiver) return
      this.#links.open(receiver, () => openReceiver(this.#peer, this.#replies, receiver))
    })
    on('sender_open', ({ sender }) => {
      if (!sender) return
      this.#links.open(sender, () => openSender(this.#peer, this.#replies, sender))
    })
    on('receiver_close', ({ receiver }) => receiver && this.#links.forget(receiver))
    on('sender_close', ({ sender }) => sender && this.#links.forget(sender))
    on('session_close', ({ session }) => session && this.#links.forgetSession(session))
    // Heard so that rhea does not write to the console, or throw: what a client does wrong ends its connection.
    for (const event of ['protocol_error', 'error', 'connection_error', 'session_error', 'disconnected']) {
      container.on(event, () => undefined)
    }
  }

  /** SASL PLAIN, which only those use who ask where the events are. */
  #acceptPlain(user: string, password: string): boolean {
    if (!/^[^@]+@sas\.root\.[^@]+$/.test(user)) return false
    try {
      this.#peer.claims.put(user, password)
      this.#watchTokens()
      return true
    } catch (error) {
      if (error instanceof HubError) return false
      throw error
    }
  }

  /** One timer, for the token that expires first: a client may put as many as it likes. */
  #watchTokens(): void {
    this.#cancelExpiry()
    const next = this.#peer.claims.forgetExpired()
    if (!Number.isFinite(next)) return
    this.#cancelExpiry = this.#after(next - this.#context.hub.clock.now(), () => {
      // Long timers come early; then nothing has expired.
      this.#watchTokens()
      if (this.#links.dropExpired() === 'end') this.end()
    })
  }

  /** For faults only. */
  #wire(): AmqpWire {
    return {
      mute: () => {
        this.#stream.mute()
      },
      tearDown: () => {
        this.#stream.tearDown()
      },
      hold: (delayMs) => {
        this.#stream.hold()
        this.#later(delayMs, () => {
          this.#stream.release()
        })
      },
    }
  }

  #later(delayMs: number, work: () => void): void {
    const cancel = this.#after(delayMs, () => {
      this.#late.delete(cancel)
      work()
    })
    this.#late.add(cancel)
  }

  #after(delayMs: number, work: () => void): CancelTimer {
    return this.#context.hub.clock.after(delayMs, () => {
      this.#guard(work)
    })
  }

  /** Nothing that a client sends may end the process. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#context.onBug(error)
      this.end()
    }
  }

  #close(): void {
    this.#cancelOpening()
    this.#cancelExpiry()
    for (const cancel of this.#late) cancel()
    this.#links.forgetAll()
  }
}
