import { FrameError } from './frame-watch.ts'

/** What the fields of frames may hold; rhea gives them as they came. AMQP 1.0, 2.7. */
export interface OpenFields {
  readonly max_frame_size?: unknown
  idle_time_out?: unknown
}

export interface BeginFields {
  readonly remote_channel?: unknown
  readonly next_outgoing_id?: unknown
  readonly incoming_window?: unknown
  readonly outgoing_window?: unknown
}

export interface FlowFields {
  readonly next_incoming_id?: unknown
  readonly incoming_window?: unknown
  readonly next_outgoing_id?: unknown
  readonly outgoing_window?: unknown
  readonly handle?: unknown
  delivery_count?: unknown
  link_credit?: unknown
  drain?: unknown
}

/** The hub's end of a link. */
export interface LinkEnd {
  readonly delivery_count: number
  is_sender(): boolean
}

export interface DispositionFields {
  readonly first?: unknown
  readonly last?: unknown
}

const largestUint = 0xffff_ffff

/** "Both peers must accept frames of up to 512 octets" (AMQP 1.0, 2.7.1); with less rhea would cut for ever. */
const smallestFrame = 512

/** Who wants to hear something more often wants the hub to be busy. */
const shortestIdleMs = 1000

/** More deliveries than a session of rhea can have open. */
const largestDisposition = 10_000

/** A client that gives more credit than this has that much; rhea counts it down one by one. */
const largestCredit = 1_000_000

export function checkOpen(fields: OpenFields): void {
  const frame = optionalUint(fields.max_frame_size, 'max-frame-size')
  if (frame !== undefined && frame < smallestFrame) throw new FrameError('Frames of that size are too small.')
  const idleMs = optionalUint(fields.idle_time_out, 'idle-time-out')
  if (idleMs !== undefined && idleMs > 0 && idleMs < shortestIdleMs) {
    throw new FrameError('The idle time is too short.')
  }
  // Seven weeks and no end are the same, and no timer can wait for longer.
  if (idleMs !== undefined && idleMs > 0x7fff_ffff) fields.idle_time_out = undefined
}

/** The hub begins no sessions, so that no client can answer one. */
export function checkBegin(fields: BeginFields): void {
  if (isPresent(fields.remote_channel)) throw new FrameError('The hub has begun no session.')
  uint(fields.next_outgoing_id, 'next-outgoing-id')
  uint(fields.incoming_window, 'incoming-window')
  uint(fields.outgoing_window, 'outgoing-window')
}

/** The link is the one that the frame is for, if it is for one. */
export function checkFlow(fields: FlowFields, link: LinkEnd | undefined): void {
  uint(fields.incoming_window, 'incoming-window')
  uint(fields.next_outgoing_id, 'next-outgoing-id')
  uint(fields.outgoing_window, 'outgoing-window')
  optionalUint(fields.next_incoming_id, 'next-incoming-id')
  const seen = optionalUint(fields.delivery_count, 'delivery-count') ?? 0
  const credit = optionalUint(fields.link_credit, 'link-credit') ?? 0
  if (link?.is_sender()) return grantCredit(fields, { credit, seen, sent: link.delivery_count })
  // It is the hub that gives credit here, and it never takes it back.
  fields.drain = false
}

/** What is on its way counts against the credit, and may be more than it: then there is none (AMQP 1.0, 2.6.7). */
function grantCredit(fields: FlowFields, grant: { credit: number; seen: number; sent: number }): void {
  const onItsWay = grant.sent - grant.seen
  fields.delivery_count = grant.seen
  fields.link_credit = Math.min(Math.max(grant.credit, onItsWay), onItsWay + largestCredit)
}

export function checkDisposition(fields: DispositionFields): void {
  const first = uint(fields.first, 'first')
  const last = optionalUint(fields.last, 'last') ?? first
  if (last - first > largestDisposition) throw new FrameError('A disposition is for too many deliveries.')
}

/** Throws FrameError for what is no number of 32 bits. */
export function uint(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestUint) return value
  throw new FrameError(`The field ${name} should be a number.`)
}

export function optionalUint(value: unknown, name: string): number | undefined {
  return isPresent(value) ? uint(value, name) : undefined
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}
