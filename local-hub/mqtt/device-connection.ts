import type { TLSSocket } from 'node:tls'
import type { IConnectPacket, Packet } from 'mqtt-packet'
import type { CancelTimer, Clock } from '../hub/clock.ts'
import { HubError } from '../hub/hub-error.ts'
import type { Limits } from '../limits/limits.ts'
import { authenticateDevice, connackCodes } from './authenticate-device.ts'
import type { Admission, DeviceAuthentication, Refusal } from './authenticate-device.ts'
import { DeviceSession } from './device-session.ts'
import { PacketStream } from './packet-stream.ts'
import type { Sessions } from './sessions.ts'
import type { TakeoverLimit } from './takeover-limit.ts'

export interface MqttContext extends DeviceAuthentication {
  readonly sessions: Sessions
  readonly takeovers: TakeoverLimit
  readonly limits: Limits
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** Whoever says nothing for so long is not a device. */
const connectTimeoutMs = 10_000

/** Packets that a client may send before it has its CONNACK. */
const mostEarlyPackets = 20

/** One TLS connection on the device port: CONNECT, then a session until one side ends it. */
export class DeviceConnection {
  readonly #context: MqttContext
  readonly #clock: Clock
  readonly #stream: PacketStream
  readonly #timers: CancelTimer[] = []
  readonly #early: Packet[] = []
  #connectPacket: IConnectPacket | undefined
  #session: DeviceSession | undefined
  #lastPacketAt: number
  #isClosed = false

  constructor(socket: TLSSocket, context: MqttContext) {
    this.#context = context
    this.#clock = context.hub.clock
    this.#lastPacketAt = this.#clock.now()
    this.#stream = new PacketStream(socket, {
      onPacket: (packet) => {
        this.#guard(() => this.#receive(packet))
      },
      onClose: () => {
        this.#guard(() => this.#close())
      },
    })
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
    const admission = authenticateDevice(this.#context, packet)
    if (typeof admission !== 'object') return this.#answerConnect(packet, admission)
    const delayMs = this.#delayOf(admission.deviceId)
    if (delayMs === undefined) return this.#answerConnect(packet, connackCodes.unavailable)
    if (delayMs === 0) return this.#answerConnect(packet, admission)
    this.#timers.push(
      this.#clock.after(delayMs, () => {
        this.#guard(() => this.#answerConnect(packet, authenticateDevice(this.#context, packet)))
      }),
    )
  }

  /** How long a connection should wait; `undefined` when there are too many new ones. */
  #delayOf(deviceId: string): number | undefined {
    const { hub, takeovers, limits } = this.#context
    try {
      const queueMs = limits.throttles.take('connection')
      const isTakeover = hub.presence.link(deviceId) !== undefined
      return isTakeover ? Math.max(queueMs, takeovers.delayMs(deviceId, this.#clock.now())) : queueMs
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
    const { deviceId, tokenExpiresAt } = admission
    const { subscriptions, isPresent } = this.#context.sessions.open(deviceId, packet.clean === true)
    this.#session = new DeviceSession({
      ...this.#context,
      deviceId,
      stream: this.#stream,
      subscriptions,
      guard: (work) => this.#guard(work),
    })
    this.#stream.send({ cmd: 'connack', returnCode: connackCodes.accepted, sessionPresent: isPresent })
    this.#context.hub.presence.attach(deviceId, this.#session)
    this.#endAt(tokenExpiresAt)
    // One and a half times the keep-alive (MQTT 3.1.1, 3.1.2-24).
    if (packet.keepalive) this.#watchKeepAlive(packet.keepalive * 1500)
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
    const { clientId, will } = this.#connectPacket ?? {}
    if (!this.#session || clientId === undefined || !will) return
    this.#context.limits.meter.charge('telemetry', will.payload.length)
    this.#context.hub.telemetry.receive(clientId)
  }
}
