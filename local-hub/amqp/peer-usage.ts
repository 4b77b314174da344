import { FrameError } from './frame-watch.ts'

/** A device-to-cloud message of 256 KB with its properties and their names, in whatever pieces, and nothing larger. */
const largestDelivery = 384 * 1024

/** What the pieces of messages of one client may take before any of them is whole. */
const largestUnfinished = 8 * 1024 * 1024

/** What rhea needs for a piece besides its bytes. */
const bytesPerPiece = 100

/** What is kept of a client for as long as its session or its link: names, addresses, and what it says of itself. */
const largestOpening = 4096

/** Far more than any SDK opens. A gateway has links for each of its devices. */
const mostSessions = 64
const mostLinks = 2048

export interface Piece {
  readonly channel: number
  readonly handle: number
  readonly bytes: number
  /** Whether another piece of the same delivery follows. */
  readonly hasMore: boolean
}

/** What a client has open at this moment, so that it cannot make the hub hoard. All throw FrameError. */
export class PeerUsage {
  /** By handle: what came of a delivery that is not whole. */
  readonly #sessions = new Map<number, Map<number, number>>()
  #links = 0
  #unfinished = 0

  begin(channel: number, bytes: number): void {
    if (this.#sessions.has(channel)) throw new FrameError('The channel has a session.')
    if (bytes > largestOpening || this.#sessions.size === mostSessions) {
      throw new FrameError('There are too many sessions, or one that is too large.')
    }
    this.#sessions.set(channel, new Map())
  }

  end(channel: number): void {
    const session = this.#sessionAt(channel)
    for (const handle of session.keys()) this.detach(channel, handle)
    this.#sessions.delete(channel)
  }

  attach(channel: number, handle: number, bytes: number): void {
    const session = this.#sessionAt(channel)
    if (session.has(handle)) throw new FrameError('The handle has a link.')
    if (bytes > largestOpening || this.#links === mostLinks) {
      throw new FrameError('There are too many links, or one that is too large.')
    }
    session.set(handle, 0)
    this.#links += 1
  }

  detach(channel: number, handle: number): void {
    this.#setPending(channel, handle, 0)
    this.#sessionAt(channel).delete(handle)
    this.#links -= 1
  }

  transfer({ channel, handle, bytes, hasMore }: Piece): void {
    const pending = this.pendingOf(channel, handle) + bytes + bytesPerPiece
    if (pending > largestDelivery) throw new FrameError('A delivery is too large.')
    this.#setPending(channel, handle, hasMore ? pending : 0)
    if (this.#unfinished > largestUnfinished) throw new FrameError('Too many deliveries are not whole.')
  }

  /** What has come of a delivery that is not whole. */
  pendingOf(channel: number, handle: number): number {
    const pending = this.#sessionAt(channel).get(handle)
    if (pending === undefined) throw new FrameError('The handle has no link.')
    return pending
  }

  #setPending(channel: number, handle: number, bytes: number): void {
    this.#unfinished += bytes - this.pendingOf(channel, handle)
    this.#sessionAt(channel).set(handle, bytes)
  }

  #sessionAt(channel: number): Map<number, number> {
    const session = this.#sessions.get(channel)
    if (!session) throw new FrameError('The channel has no session.')
    return session
  }
}
