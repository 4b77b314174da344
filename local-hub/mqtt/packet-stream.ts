import type { Duplex } from 'node:stream'
import { generate, parser } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'
import type { Durability } from '../hub/durability.ts'
import { Outgoing } from '../hub/outgoing.ts'
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

/** MQTT packets over a socket, none of them sent before what it tells of is kept. Bytes that are not MQTT close it, as on IoT Hub, without a word. */
export class PacketStream {
  readonly #socket: Duplex
  readonly #frames = new FrameSplitter()
  readonly #parser = parser({ protocolVersion: 4 })
  readonly #parsed: Packet[] = []
  readonly #outgoing: Outgoing
  #isEnded = false

  constructor(socket: Duplex, listener: PacketListener, durability: Durability) {
    this.#socket = socket
    this.#outgoing = new Outgoing(durability, () => socket.destroy())
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
    const bytes = generate(packet)
    this.#outgoing.run(() => this.#socket.write(bytes))
    if (this.#socket.writableLength > largestBacklog) this.end()
  }

  /** Drops what would be sent from now on; what is received is dropped too. */
  mute(): void {
    this.#isEnded = true
  }

  /** Ends the connection without a word. */
  tearDown(): void {
    this.#isEnded = true
    this.#socket.destroy()
  }

  /** Closes with FIN: after RST the device SDK would never reconnect. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#outgoing.run(() => this.#socket.end())
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
