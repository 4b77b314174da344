import type { Duplex } from 'node:stream'
import type { IConnectPacket, Packet } from 'mqtt-packet'
import type { Faults } from '../faults/faults.ts'
import type { CancelTimer, Clock } from '../hub/clock.ts'
import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { HubError } from '../hub/hub-error.ts'
import type { Limits } from '../limits/limits.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import type { DeviceAccess } from '../security/device-access.ts'
import { authenticateDevice, connackCodes } from './authenticate-device.ts'
import type { Admission, Refusal } from './authenticate-device.ts'
import { meetFault } from '../faults/meet-fault.ts'
import { DeviceSession } from './device-session.ts'
import { PacketStream } from './packet-stream.ts'
import type { TakeoverLimit } from './takeover-limit.ts'

export interface MqttContext extends DeviceAccess {
  readonly faults: Faults
  readonly takeovers: TakeoverLimit
  readonly limits: Limits
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** A client: over TLS, or over a WebSocket. */
export interface MqttPeer {
  readonly stream: Duplex
  readonly certificate: ClientCertificate | undefined
}

/** Whoever says nothing for so long is not a device. */
const connectTimeoutMs = 10_000

/** What lies between hub and device forgets a connection that is silent for longer. */
const longestSilenceMs = 1_767_000

/** Packets that a client may send before it has its CONNACK. */
const mostEarlyPackets = 20

/** One connection of a device: CONNECT, then a session until one side ends it. */
export class DeviceConnection {
  readonly #context: MqttContext
  readonly #certificate: ClientCertificate | undefined
  readonly #clock: Clock
  readonly #stream: PacketStream
  readonly #timers: CancelTimer[] = []
  readonly #early: Packet[] = []
  #connectPacket: IConnectPacket | undefined
  #session: DeviceSession | undefined
  #lastPacketAt: number
  #isClosed = false

  constructor({ stream, certificate }: MqttPeer, context: MqttContext) {
    this.#context = context
    this.#certificate = certificate
    this.#clock = context.hub.clock
    this.#lastPacketAt = this.#clock.now()
    const listener = {
      onPacket: (packet: Packet) => {
        this.#guard(() => this.#receive(packet))
      },
      onClose: () => {
        this.#guard(() => this.#close())
      },
    }
    this.#stream = new PacketStream(stream, listener, context.hub.durability)
    this.#timers.push(
      this.#clock.after(connectTimeoutMs, () => {
        if (!this.#connectPacket) this.end()
      }),
    )
  }

  end(): void {
    this.#session?.disconnect()
    this.#stream.end()
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

  #receive(packet: Packet): void {
    this.#lastPacketAt = this.#clock.now()
    if (packet.cmd === 'connect') return this.#receiveConnect(packet)
    if (packet.cmd === 'disconnect') return this.#receiveDisconnect()
    if (this.#session) return this.#session.receive(packet)
    // A client need not wait for its CONNACK (MQTT 3.1.1, 3.1.4), but CONNECT comes first.
    if (!this.#connectPacket || this.#early.push(packet) > mostEarlyPackets) this.end()
  }

  /** A second CONNECT is a protocol violation (MQTT 3.1.1, 3.1.0-2). */
  #receiveConnect(packet: IConnectPacket): void {
    if (this.#connectPacket) return this.end()
    this.#connectPacket = packet
    const admission = this.#authenticate(packet)
    if (typeof admission !== 'object') return this.#answerConnect(packet, admission)
    const { deviceId } = admission.identity
    const effect = this.#context.faults.choose({ operation: 'connection', deviceId, methodName: undefined })
    const work = {
      execute: () => {
        this.#admit(packet, admission)
      },
      refuse: (status: number) => {
        const isAboutRights = status === 401 || status === 403
        this.#answerConnect(packet, isAboutRights ? connackCodes.notAuthorized : connackCodes.unavailable)
      },
      later: (delayMs: number, task: () => void) => this.#later(delayMs, task),
    }
    meetFault(effect, work, this.#stream)
  }

  #admit(packet: IConnectPacket, admission: Admission): void {
    const delayMs = this.#delayOf(admission.identity)
    if (delayMs === undefined) return this.#answerConnect(packet, connackCodes.unavailable)
    if (delayMs === 0) return this.#answerConnect(packet, admission)
    this.#later(delayMs, () => this.#answerConnect(packet, this.#authenticate(packet)))
  }

  #later(delayMs: number, task: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#guard(task)
    })
    this.#timers.push(cancel)
  }

  #authenticate(packet: IConnectPacket): Admission | Refusal {
    return authenticateDevice(this.#context, packet, this.#certificate)
  }

  /** How long a connection should wait; `undefined` when there are too many new ones. */
  #delayOf(identity: DeviceIdentity): number | undefined {
    const { hub, takeovers, limits } = this.#context
    try {
      const queueMs = limits.throttles.take('connection')
      const key = identityKey(identity)
      const isTakeover = identitiesOf(hub, identity).presence.link(key) !== undefined
      return isTakeover ? Math.max(queueMs, takeovers.delayMs(key, this.#clock.now())) : queueMs
    } catch (error) {
      if (error instanceof HubError) return undefined
      throw error
    }
  }

  #answerConnect(packet: IConnectPacket, admission: Admission | Refusal): void {
    if (this.#isClosed) return
    if (typeof admission !== 'object') {
      this.#stream.send({ cmd: 'connack', returnCode: admission, sessionPresent: false })
      return this.end()
    }
    const { identity, sender, expiresAt, modelId } = admission
    const { hub } = this.#context
    const key = identityKey(identity)
    const isClean = packet.clean === true
    const { subscriptions, isPresent } = hub.sessions.open(key, isClean)
    const { presence } = identitiesOf(hub, identity)
    if (modelId) presence.announceModel(key, modelId)
    this.#session = new DeviceSession({
      ...this.#context,
      identity,
      sender,
      stream: this.#stream,
      subscriptions,
      keepSubscriptions: (kept) => {
        if (!isClean) hub.sessions.put(key, kept)
      },
      guard: (work) => this.#guard(work),
    })
    this.#stream.send({ cmd: 'connack', returnCode: connackCodes.accepted, sessionPresent: isPresent })
    presence.attach(key, this.#session)
    this.#session.resume()
    this.#endAt(expiresAt)
    this.#watchKeepAlive(silenceOf(packet.keepalive ?? 0))
    for (const early of this.#early.splice(0)) this.#session.receive(early)
  }

  /** IoT Hub drops a connection whose token has expired; the SDK renews by connecting anew. */
  #endAt(time: number): void {
    const check = () => {
      if (this.#clock.now() >= time) this.end()
      else this.#endAt(time)
    }
    this.#timers.push(this.#clock.after(time - this.#clock.now(), check))
  }

  #watchKeepAlive(silenceMs: number): void {
    const remainingMs = this.#lastPacketAt + silenceMs - this.#clock.now()
    if (remainingMs <= 0) return this.end()
    this.#timers.push(this.#clock.after(remainingMs, () => this.#watchKeepAlive(silenceMs)))
  }

  /** A client that says goodbye takes its will back (MQTT 3.1.1, 3.14.4-3). */
  #receiveDisconnect(): void {
    this.#connectPacket = undefined
    this.end()
  }

  #close(): void {
    this.#isClosed = true
    for (const cancel of this.#timers) cancel()
    this.#session?.disconnect()
    const { will } = this.#connectPacket ?? {}
    if (will) this.#session?.receiveWill(will)
  }
}

/**
 * One and a half times the keep-alive (MQTT 3.1.1, 3.1.2-24), as far as IoT Hub goes.
 * https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#default-keep-alive-time-out
 */
function silenceOf(keepAliveSeconds: number): number {
  return keepAliveSeconds === 0 ? longestSilenceMs : Math.min(keepAliveSeconds * 1500, longestSilenceMs)
}
