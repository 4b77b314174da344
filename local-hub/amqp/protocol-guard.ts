import type { Connection } from 'rhea'
import { checkBegin, checkDisposition, checkFlow, checkOpen, uint } from './frame-rules.ts'
import type { BeginFields, DispositionFields, FlowFields, LinkEnd, OpenFields } from './frame-rules.ts'
import { FrameError, largestFrame } from './frame-watch.ts'
import { PeerUsage } from './peer-usage.ts'

interface Frame<Fields = unknown> {
  readonly channel: number
  /** Bytes of the frame. */
  readonly size: number
  readonly payload?: Uint8Array
  readonly performative: Fields
}

interface LinkFields {
  readonly handle?: unknown
  readonly name?: unknown
  readonly more?: unknown
  message_format?: unknown
}

interface RheaLink extends LinkEnd {
  readonly credit: number
}

interface RheaSession {
  readonly links: Readonly<Record<string, RheaLink>>
  readonly remote: { readonly handles: Readonly<Record<number, RheaLink | undefined>> }
}

/** What rhea's types do not name: its handlers of frames, what it does later, and what it waits for. */
interface RheaConnection {
  readonly remote_channel_map: Readonly<Record<number, RheaSession | undefined>>
  /** Length of the frame whose bytes are still to come. */
  readonly frame_size: number | undefined
  input(bytes: Buffer): void
  _process(): void
}

type Check<Fields> = (frame: Frame<Fields>) => void

/**
 * rhea trusts its peer: it would collect a delivery without end, cut messages into pieces of less than nothing, count
 * down a credit that never reaches zero, and walk through four billion deliveries that a disposition claims to settle.
 * What breaks a rule here is thrown, which rhea turns into the end of the connection.
 */
export function guardProtocol(connection: Connection, hangUp: () => void): void {
  const rhea = connection as unknown as RheaConnection
  guardLaterWork(rhea, hangUp)
  guardInput(rhea, hangUp)
  const usage = new PeerUsage()
  const check = <Fields>(name: string, rule: Check<Fields>) => {
    checkBefore(connection as unknown as Record<string, Check<Fields>>, `on_${name}`, rule)
  }
  check<OpenFields>('open', ({ performative }) => {
    checkOpen(performative)
  })
  check<BeginFields>('begin', ({ channel, size, performative }) => {
    checkBegin(performative)
    usage.begin(channel, size)
  })
  const ended = new Set<number>()
  check<unknown>('end', ({ channel }) => {
    usage.end(channel)
    ended.add(channel)
  })
  guardLinks(rhea, usage, check)
  check<DispositionFields>('disposition', ({ performative }) => {
    checkDisposition(performative)
  })
  // The SDK for Event Hubs settles what was on its way, and opens its window, after it has ended the session.
  const isLate = ({ channel }: Frame) => ended.has(channel) && !rhea.remote_channel_map[channel]
  for (const name of ['on_disposition', 'on_flow']) dropWhere(connection, name, isLate)
}

function guardLinks(
  rhea: RheaConnection,
  usage: PeerUsage,
  check: (name: string, rule: Check<LinkFields & FlowFields>) => void,
): void {
  const sessionOf = ({ channel }: Frame) => rhea.remote_channel_map[channel]
  const linkOf = (frame: Frame<LinkFields>) =>
    sessionOf(frame)?.remote.handles[uint(frame.performative.handle, 'handle')]
  check('attach', (frame) => {
    const { name, handle } = frame.performative
    if (typeof name !== 'string') throw new FrameError('A link should have a name.')
    // Also one that has just ended: rhea would take up the old one, with all that listens to it.
    if (Object.hasOwn(sessionOf(frame)?.links ?? {}, name))
      throw new FrameError('There is a link of this name.')
    usage.attach(frame.channel, uint(handle, 'handle'), frame.size)
  })
  check('detach', ({ channel, performative }) => {
    usage.detach(channel, uint(performative.handle, 'handle'))
  })
  check('flow', (frame) => {
    checkFlow(frame.performative, isAbsent(frame.performative.handle) ? undefined : linkOf(frame))
  })
  check('transfer', (frame) => {
    const { channel, payload, performative } = frame
    const handle = uint(performative.handle, 'handle')
    // rhea would take a message that does not name its format for one in a format of its own.
    if (isAbsent(performative.message_format)) performative.message_format = 0
    const isFirst = usage.pendingOf(channel, handle) === 0
    if (isFirst && (linkOf(frame)?.credit ?? 0) <= 0) throw new FrameError('There is no credit.')
    usage.transfer({ channel, handle, bytes: payload?.byteLength ?? 0, hasMore: performative.more === true })
  })
}

function dropWhere(connection: Connection, name: string, isToDrop: (frame: Frame) => boolean): void {
  const handlers = connection as unknown as Record<string, (frame: Frame) => void>
  const handle = handlers[name]
  handlers[name] = (frame) => {
    if (!isToDrop(frame)) handle?.call(handlers, frame)
  }
}

/** rhea looks its handlers up by their names, when a frame comes. */
function checkBefore<Fields>(
  handlers: Record<string, Check<Fields>>,
  name: string,
  rule: Check<Fields>,
): void {
  const handle = handlers[name]
  handlers[name] = (frame) => {
    rule(frame)
    handle?.call(handlers, frame)
  }
}

/**
 * What rhea answers it makes in a later turn, where nobody catches: a peer whose frames made no sense would end the
 * process. It ends its own connection instead.
 */
function guardLaterWork(connection: RheaConnection, hangUp: () => void): void {
  const work = connection._process.bind(connection)
  connection._process = () => {
    try {
      work()
    } catch {
      hangUp()
    }
  }
}

/**
 * While SASL is not done, rhea takes the header of AMQP itself for the length of a frame, and waits for a gigabyte. No
 * SDK sends it so early.
 */
function guardInput(connection: RheaConnection, hangUp: () => void): void {
  const input = connection.input.bind(connection)
  connection.input = (bytes) => {
    input(bytes)
    if ((connection.frame_size ?? 0) > largestFrame) hangUp()
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}
