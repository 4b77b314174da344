import type { TLSSocket } from 'node:tls'
import { generate, parser } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'
import { FrameSplitter } from './frame-splitter.ts'

/** A client that takes nothing for so long is gone. */
const lingerMs = 2000

/** Bytes that may wait for a client which does not read. */
const largestBacklog = 4 * 1024 * 1024

export interface PacketListener {
  onPacket(packet: Packet): void
  /** Called once, when nothing more will come. */
  onClose(): void
}

/** MQTT packets over a socket. Bytes that are not MQTT close it, as on IoT Hub, without a word. */
export class PacketStream {
  readonly #socket: TLSSocket
  readonly #frames = new FrameSplitter()
  readonly #parser = parser({ protocolVersion: 4 })
  readonly #parsed: Packet[] = []
  #isEnded = false

  constructor(socket: TLSSocket, listener: PacketListener) {
    this.#socket = socket
    this.#parser.on('packet', (packet: Packet) => this.#parsed.push(packet))
    this.#parser.on('error', () => {
      this.end()
    })
    socket.on('data', (chunk: Buffer) => {
      for (const packet of this.#read(chunk)) if (!this.#isEnded) listener.onPacket(packet)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#isEnded = true
      listener.onClose()
    })
  }

  send(packet: Packet): void {
    if (this.#isEnded) return
    this.#socket.write(generate(packet))
    if (this.#socket.writableLength > largestBacklog) this.end()
  }

  /** Closes with FIN: after RST the device SDK would never reconnect. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#socket.end()
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs)
    this.#socket.once('close', () => {
      clearTimeout(timer)
    })
  }

  /** After the end the bytes are still taken off the socket, because unread bytes would turn FIN into RST. */
  #read(chunk: Buffer): readonly Packet[] {
    if (this.#isEnded) return []
    try {
      for (const frame of this.#frames.push(chunk)) this.#parser.parse(frame)
    } catch {
      // Whatever the parser stumbles over is not MQTT.
      this.end()
    }
    return this.#parsed.splice(0)
  }
}
