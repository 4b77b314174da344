/** A telemetry message of 256 KB with its topic, and nothing larger. */
const largestFrame = 256 * 1024 + 64 * 1024

/** MQTT 3.1.1, 2.2.3: the length takes at most four bytes. */
const longestLength = 4

/** The first byte of CONNECT, which comes before anything else (MQTT 3.1.1, 3.1.0-1). */
const connect = 0x10

/** The bytes are not MQTT, or too many. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Cuts the stream into whole packets, so that a stranger cannot make the parser hoard memory. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0)
  #hasBegun = false

  /** The frames that are complete; throws FrameError. */
  push(chunk: Buffer): readonly Buffer[] {
    if (!this.#hasBegun && chunk.length > 0 && chunk[0] !== connect)
      throw new FrameError('The first packet is not CONNECT.')
    this.#hasBegun ||= chunk.length > 0
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Buffer[] = []
    for (let size = frameSize(this.#rest); size <= this.#rest.length; size = frameSize(this.#rest)) {
      frames.push(this.#rest.subarray(0, size))
      this.#rest = this.#rest.subarray(size)
    }
    return frames
  }
}

/** Bytes of the first frame; Infinity while its header is incomplete. */
function frameSize(bytes: Buffer): number {
  let remaining = 0
  for (let index = 0; index < longestLength; index += 1) {
    const byte = bytes[index + 1]
    if (byte === undefined) return Infinity
    remaining += (byte & 0x7f) * 128 ** index
    if (byte < 0x80) return checked(remaining + index + 2)
  }
  throw new FrameError('The length of a packet takes more than four bytes.')
}

function checked(size: number): number {
  if (size > largestFrame) throw new FrameError(`A packet of ${size} bytes is too large.`)
  return size
}
