import { createHmac } from 'node:crypto'
import { connect } from 'node:tls'
import type { SecureContext, TLSSocket } from 'node:tls'
import { generate } from 'mqtt-packet'
import type { IPublishPacket, Packet } from 'mqtt-packet'
import type { Line, LightIdentity, LineListener } from './line.ts'
import type { MqttFrames } from './mqtt-frames.ts'

/** What the devices of one fleet share, so that one of them costs little. */
export interface SharedParts {
  readonly hostName: string
  readonly port: number
  readonly secureContext: SecureContext
  /** What all connections after the first resume: a handshake without certificates takes half the time and memory. */
  session: Buffer | undefined
  readonly frames: MqttFrames
  /** Milliseconds since the epoch; the tokens of all devices end then. */
  readonly tokensEndAt: number
}

const topics = ['$iothub/methods/POST/#', '$iothub/twin/res/#', '$iothub/twin/PATCH/properties/desired/#']

const method = /^\$iothub\/methods\/POST\/([^/]+)\/\?\$rid=(.+)$/
const twinAnswer = /^\$iothub\/twin\/res\/(\d+)\/\?\$rid=([^&]+)/
const desired = '$iothub/twin/PATCH/properties/desired/'

/** MQTT 3.1.1 over TLS, by hand: the SDK needs three times the memory. */
export class MqttLine implements Line {
  readonly #shared: SharedParts
  readonly #listener: LineListener
  readonly #socket: TLSSocket
  #rest: Buffer | undefined
  #twinRequest: string | undefined

  constructor(identity: LightIdentity, shared: SharedParts, listener: LineListener) {
    this.#shared = shared
    this.#listener = listener
    const { port, secureContext, session } = shared
    const to = { host: '127.0.0.1', port, servername: 'localhost', secureContext }
    this.#socket = connect(session ? { ...to, session } : to)
    if (!session) this.#socket.once('session', (ticket: Buffer) => (shared.session = ticket))
    this.#socket.on('secureConnect', () => {
      this.#send(connectPacket(identity, shared))
    })
    this.#socket.on('data', (bytes: Buffer) => {
      this.#take(bytes)
    })
    // What breaks a connection ends it: `close` follows.
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      listener.onEnd()
    })
  }

  answer(requestId: string, status: number, payload: string): void {
    this.#publish(`$iothub/methods/res/${status}/?$rid=${requestId}`, payload)
  }

  report(requestId: string, patch: string): void {
    this.#publish(`$iothub/twin/PATCH/properties/reported/?$rid=${requestId}`, patch)
  }

  askTwin(requestId: string): void {
    this.#twinRequest = requestId
    this.#publish(`$iothub/twin/GET/?$rid=${requestId}`, '')
  }

  end(): void {
    this.#socket.end()
  }

  #take(bytes: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes
    try {
      const { packets, rest } = this.#shared.frames.take(all)
      this.#rest = rest
      for (const packet of packets) this.#receive(packet)
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined)
    }
  }

  #receive(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode !== 0) return this.end()
        return this.#send({
          cmd: 'subscribe',
          messageId: 1,
          subscriptions: topics.map((topic) => ({ topic, qos: 0 })),
        })
      case 'suback':
        return this.#listener.onReady()
      case 'publish':
        return this.#receivePublish(packet)
      default:
        return undefined
    }
  }

  #receivePublish({ topic, payload }: IPublishPacket): void {
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload
    const [, name, requestId] = method.exec(topic) ?? []
    if (name !== undefined && requestId !== undefined) {
      return this.#listener.onMethod({ name, requestId, payload: body })
    }
    if (topic.startsWith(desired)) return this.#listener.onDesired(body)
    const [, status, answered] = twinAnswer.exec(topic) ?? []
    if (answered === undefined) return
    if (answered !== this.#twinRequest) return this.#listener.onReported(answered, Number(status))
    if (status === '200') this.#listener.onTwin(body)
  }

  #publish(topic: string, payload: string): void {
    this.#send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
  }

  #send(packet: Packet): void {
    if (this.#socket.writable) this.#socket.write(generate(packet))
  }
}

function connectPacket({ deviceId, key }: LightIdentity, { hostName, tokensEndAt }: SharedParts): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: deviceId,
    clean: false,
    // On loopback a connection that is gone is closed: nobody need ask.
    keepalive: 0,
    username: `${hostName}/${deviceId}/?api-version=2021-04-12`,
    password: Buffer.from(tokenOf(`${hostName}/devices/${encodeURIComponent(deviceId)}`, key, tokensEndAt)),
  }
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas#sas-token-structure */
function tokenOf(resource: string, key: string, endsAt: number): string {
  const [sr, se] = [encodeURIComponent(resource), Math.floor(endsAt / 1000)]
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`${sr}\n${se}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${se}`
}
