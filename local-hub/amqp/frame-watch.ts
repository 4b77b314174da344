/** Larger than any frame that the hub has said it takes. */
export const largestFrame = 64 * 1024

/** `AMQP` where a length should be: the header that begins the protocol, and begins it anew after SASL. */
const protocolHeader = 0x414d5150
const headerBytes = 8

/** The bytes are not AMQP, or too many. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Follows the lengths of the frames, so that a stranger cannot make the parser hoard memory. */
export class FrameWatch {
  /** Bytes of the current frame that are still to come, and the length that is being read. */
  #remaining = 0
  #length: Buffer = Buffer.alloc(0)

  /** Throws FrameError. */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#remaining > 0) {
        const skipped = Math.min(this.#remaining, rest.length)
        this.#remaining -= skipped
        rest = rest.subarray(skipped)
      } else rest = this.#readLength(rest)
    }
  }

  #readLength(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, 4 - this.#length.length)
    this.#length = Buffer.concat([this.#length, taken])
    if (this.#length.length === 4) {
      this.#remaining = remainingOf(this.#length.readUInt32BE())
      this.#length = Buffer.alloc(0)
    }
    return bytes.subarray(taken.length)
  }
}

function remainingOf(length: number): number {
  if (length === protocolHeader) return headerBytes - 4
  if (length < headerBytes || length > largestFrame)
    throw new FrameError(`A frame of ${length} bytes is none.`)
  return length - 4
}
