import type { Duplex } from 'node:stream'
import type { Durability } from '../hub/durability.ts'
import { Outgoing } from '../hub/outgoing.ts'
import { FrameWatch } from './frame-watch.ts'

/** A client that takes nothing for so long is gone. */
const lingerMs = 2000

/** Bytes that may wait for a client which does not read: all events that there are, and some more. */
const largestBacklog = 64 * 1024 * 1024

interface Handlers {
  data: (chunk: Buffer) => void
  error: (error: Error) => void
  end: () => void
}

/**
 * What rhea takes for a socket. Nothing is sent before what it tells of is kept, nothing is read that is no frame, and
 * rhea hears of the end of every connection, however it ended, because its timers would go on for ever.
 */
export class AmqpStream {
  readonly #stream: Duplex
  readonly #outgoing: Outgoing
  readonly #frames = new FrameWatch()
  readonly #handlers: Partial<Handlers> = {}
  #isEnded = false
  /** What a fault keeps back. */
  #held: Buffer[] | undefined

  constructor(stream: Duplex, durability: Durability) {
    this.#stream = stream
    this.#outgoing = new Outgoing(durability, () => stream.destroy())
    stream.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    stream.on('error', () => stream.destroy())
    stream.on('close', () => {
      this.#isEnded = true
      this.#handlers.end?.()
    })
  }

  on<Event extends keyof Handlers>(event: Event, handler: Handlers[Event]): void {
    this.#handlers[event] = handler
  }

  write(bytes: Buffer): void {
    if (this.#isEnded) return
    if (this.#held) return void this.#held.push(bytes)
    this.#outgoing.run(() => this.#stream.write(bytes))
    if (this.#stream.writableLength > largestBacklog) this.#stream.destroy()
  }

  /** Keeps what would be sent until it is released. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const bytes of held) this.write(bytes)
  }

  /** Drops what would be sent from now on; what is received is dropped too. */
  mute(): void {
    this.#isEnded = true
  }

  /** Ends the connection without a word. */
  tearDown(): void {
    this.#isEnded = true
    this.#stream.destroy()
  }

  /** Closes with FIN: after RST the device SDK would never reconnect. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#outgoing.run(() => this.#stream.end())
    const timer = setTimeout(() => this.#stream.destroy(), lingerMs)
    this.#stream.once('close', () => {
      clearTimeout(timer)
    })
  }

  /** The name of the connection in rhea's logs. */
  get_id_string(): string {
    return 'local hub'
  }

  /** After the end the bytes are still taken off the socket, because unread bytes would turn FIN into RST. */
  #read(chunk: Buffer): void {
    if (this.#isEnded) return
    try {
      this.#frames.push(chunk)
    } catch {
      // What is no AMQP frame is answered as on IoT Hub, with the end.
      return this.end()
    }
    this.#handlers.data?.(chunk)
  }
}
