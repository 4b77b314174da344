import { parser } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'

/** MQTT 3.1.1, 2.2.3: the length takes at most four bytes. */
const longestLength = 4

/** Packets out of the bytes of many connections: one parser for all, because each is given whole packets only. */
export class MqttFrames {
  readonly #parser = parser({ protocolVersion: 4 })
  #packets: Packet[] = []

  constructor() {
    this.#parser.on('packet', (packet: Packet) => this.#packets.push(packet))
    this.#parser.on('error', (error: unknown) => {
      throw error instanceof Error ? error : new Error(String(error))
    })
  }

  /** The packets that are complete, and the bytes that are left. Throws for bytes that are not MQTT. */
  take(bytes: Buffer): { packets: readonly Packet[]; rest: Buffer | undefined } {
    let rest = bytes
    for (let size = sizeOfFirst(rest); size <= rest.length; size = sizeOfFirst(rest)) {
      this.#parser.parse(rest.subarray(0, size))
      rest = rest.subarray(size)
    }
    const packets = this.#packets
    this.#packets = []
    return { packets, rest: rest.length === 0 ? undefined : rest }
  }
}

/** Infinity while the length is incomplete. */
function sizeOfFirst(bytes: Buffer): number {
  let remaining = 0
  for (let index = 1; index <= longestLength; index += 1) {
    const byte = bytes[index]
    if (byte === undefined) return Infinity
    remaining += (byte & 0x7f) * 128 ** (index - 1)
    if (byte < 0x80) return remaining + index + 1
  }
  throw new Error('The length of a packet takes more than four bytes.')
}
