import type { Connection } from 'rhea'
import { FrameError } from './frame-watch.ts'

/** A device-to-cloud message of 256 KB with its properties and their names, and nothing larger. */
const largestDelivery = 320 * 1024

/** Far more than any SDK opens. */
const mostSessions = 256
const mostLinks = 1024

/** More deliveries than a session of rhea can have open. */
const largestDisposition = 10_000

interface Frame {
  readonly channel: number
  readonly payload?: Uint8Array
  readonly performative: {
    readonly handle?: number
    readonly more?: boolean
    readonly first?: number
    readonly last?: number
  }
}

type FrameHandler = (this: Connection, frame: Frame) => void

/** What rhea does for a connection once everything that has come is read. */
interface LaterWork {
  _process: (this: LaterWork) => void
}

/** rhea's handlers for frames, which its types do not name. */
interface FrameHandlers {
  on_begin: FrameHandler
  on_attach: FrameHandler
  on_transfer: FrameHandler
  on_disposition: FrameHandler
}

/**
 * rhea trusts its peer: it would collect a delivery without end, and walk through four billion deliveries that a
 * disposition claims to settle. What breaks a limit here is thrown, which rhea turns into the end of the connection.
 */
export function guardProtocol(connection: Connection, hangUp: () => void): void {
  guardLaterWork(connection as unknown as LaterWork, hangUp)
  const handlers = connection as unknown as FrameHandlers
  const { on_begin: begin, on_attach: attach, on_transfer: transfer, on_disposition: disposition } = handlers
  let [sessions, links] = [0, 0]
  const unfinished = new Map<string, number>()
  handlers.on_begin = (frame) => {
    sessions += 1
    if (sessions > mostSessions) throw new FrameError('There are too many sessions.')
    begin.call(connection, frame)
  }
  handlers.on_attach = (frame) => {
    links += 1
    if (links > mostLinks) throw new FrameError('There are too many links.')
    attach.call(connection, frame)
  }
  handlers.on_transfer = (frame) => {
    countDelivery(unfinished, frame)
    transfer.call(connection, frame)
  }
  handlers.on_disposition = (frame) => {
    const { first = 0, last = first } = frame.performative
    if (last - first > largestDisposition) throw new FrameError('A disposition is for too many deliveries.')
    disposition.call(connection, frame)
  }
}

/**
 * What rhea answers it makes in a later turn, where nobody catches: a peer whose frames made no sense would end the
 * process. It ends its own connection instead.
 */
function guardLaterWork(connection: LaterWork, hangUp: () => void): void {
  const work = connection._process
  connection._process = () => {
    try {
      work.call(connection)
    } catch {
      hangUp()
    }
  }
}

function countDelivery(unfinished: Map<string, number>, { channel, payload, performative }: Frame): void {
  const link = `${channel}/${performative.handle ?? 0}`
  const bytes = (unfinished.get(link) ?? 0) + (payload?.byteLength ?? 0)
  if (bytes > largestDelivery) throw new FrameError('A delivery is too large.')
  if (performative.more) unfinished.set(link, bytes)
  else unfinished.delete(link)
}
