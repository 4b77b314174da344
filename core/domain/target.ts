import type { ActionStatus } from '../../contract/app/action.ts'
import type {
  Evidence,
  Phase,
  Reason,
  Target,
  TargetCounts,
  TargetStatus,
} from '../../contract/app/target.ts'

/** Everything that can happen to one device of an action, as the journal names it. */
export const targetEventNames = [
  'send',
  'defer',
  'skip',
  'accept',
  'progress',
  'leave',
  'return',
  'succeed',
  'fail',
  'lose',
  'ask',
  'cancel',
  'cancelled',
  'refuse',
  'retry',
] as const
export type TargetEventName = (typeof targetEventNames)[number]

/**
 * What can happen to one device while an action runs on it.
 *
 * `unknown` is not `failed`: the request left, no proof came back, and the device may still be working.
 * `defer` is the hub's "not now": it refused before anything reached the device, so the target waits again; with the
 * reason `offline` it waits until the device is back. `skip` leaves a device out that nothing has reached.
 * `cancelled` is the device's own word that it gave up before there was an effect, whoever had asked it to.
 * `ask` is the same question under the same action id, to which a device that has acted already answers from memory.
 */
const next: Readonly<Record<TargetStatus, Partial<Record<TargetEventName, TargetStatus>>>> = {
  waiting: { send: 'sending', defer: 'waiting', skip: 'cancelled', cancel: 'cancelled', fail: 'failed' },
  sending: {
    accept: 'working',
    progress: 'working',
    defer: 'waiting',
    skip: 'cancelled',
    succeed: 'succeeded',
    fail: 'failed',
    cancelled: 'cancelled',
    cancel: 'cancelling',
    lose: 'unknown',
  },
  working: {
    progress: 'working',
    leave: 'working',
    return: 'working',
    succeed: 'succeeded',
    fail: 'failed',
    cancelled: 'cancelled',
    cancel: 'cancelling',
    lose: 'unknown',
  },
  cancelling: {
    cancelled: 'cancelled',
    refuse: 'working',
    succeed: 'succeeded',
    fail: 'failed',
    lose: 'unknown',
  },
  unknown: {
    ask: 'unknown',
    lose: 'unknown',
    accept: 'working',
    progress: 'working',
    succeed: 'succeeded',
    fail: 'failed',
    cancelled: 'cancelled',
    retry: 'waiting',
  },
  succeeded: {},
  failed: { retry: 'waiting' },
  cancelled: { retry: 'waiting' },
}

/** What happened, with what it rests on. */
export interface TargetEvent {
  readonly name: TargetEventName
  readonly reason?: Reason | undefined
  readonly evidence?: Evidence | undefined
  /** What the device says it is at, for `progress`, and how far it is in it. */
  readonly phase?: Phase | undefined
  readonly percent?: number | undefined
}

/** The status after the event, or undefined when the event does not apply: late and repeated answers are normal. */
export function transition(status: TargetStatus, event: TargetEventName): TargetStatus | undefined {
  return next[status][event]
}

/** Whether the device has the request, or may have it, and what became of it is still to be found out. */
export function isToBeFollowed(event: TargetEventName): boolean {
  return event === 'accept' || event === 'progress' || event === 'lose'
}

export function isFinal(status: TargetStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

/** What an event makes of a target. What is undefined is gone, but for the evidence where it is kept. */
export interface Change {
  readonly status: TargetStatus
  readonly phase: Phase | undefined
  readonly percent: number | undefined
  readonly reason: Reason | undefined
  readonly evidence: Evidence | undefined
  readonly keepsEvidence: boolean
  /** The device is asked with it. */
  readonly isSent: boolean
}

/** Undefined when the event does not apply. */
export function changeBy(event: TargetEvent, before: Pick<Target, 'status' | 'phase'>): Change | undefined {
  const { name, percent, reason, evidence } = event
  const status = transition(before.status, name)
  if (!status) return undefined
  return {
    status,
    phase: phaseAfter(event, status, before.phase),
    percent: name === 'progress' ? percent : undefined,
    reason,
    evidence,
    keepsEvidence: evidence === undefined && status !== 'waiting',
    isSent: name === 'send',
  }
}

/** Tells only how far a device is on its way. */
export function isPassing({ name }: TargetEvent): boolean {
  return name === 'progress' || name === 'leave' || name === 'return'
}

/** The target after the event, or undefined when the event does not apply. */
export function applyEvent(target: Target, event: TargetEvent, at: string): Target | undefined {
  const change = changeBy(event, target)
  if (!change) return undefined
  const { status, phase, percent, reason, evidence, keepsEvidence, isSent } = change
  return {
    deviceId: target.deviceId,
    status,
    changedAt: at,
    ...optional('phase', phase),
    ...optional('percent', percent),
    ...optional('reason', reason),
    ...optional('evidence', keepsEvidence ? target.evidence : evidence),
    ...optional('sentAt', isSent ? at : target.sentAt),
    ...optional('wave', target.wave),
  }
}

function phaseAfter(
  { name, phase }: TargetEvent,
  status: TargetStatus,
  before: Phase | undefined,
): Phase | undefined {
  if (name === 'accept') return 'accepted'
  if (name === 'leave') return 'away'
  if (name === 'return') return 'returned'
  if (name === 'progress') return phase
  return status === 'working' || status === 'cancelling' ? before : undefined
}

/** `exactOptionalPropertyTypes` keeps "absent" apart from "undefined", and so does JSON. */
function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}

export function noCounts(): TargetCounts {
  return {
    waiting: 0,
    sending: 0,
    working: 0,
    cancelling: 0,
    unknown: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  }
}

/** An action has no status of its own: it is what its targets say it is. */
export function actionStatus(counts: TargetCounts): ActionStatus {
  if (counts.cancelling > 0) return 'cancelling'
  if (counts.waiting > 0 || counts.sending > 0 || counts.working > 0) return 'running'
  if (counts.unknown > 0) return 'unsettled'
  if (counts.failed > 0) return 'failed'
  if (counts.cancelled > 0) return 'cancelled'
  return 'succeeded'
}

/** The table as a Mermaid diagram, so that the documentation is generated and cannot drift. */
export function diagram(): string {
  const arrows = Object.entries(next).flatMap(([from, row]) =>
    Object.entries(row).map(([event, to]) => `  ${from} --> ${to}: ${event}`),
  )
  return ['stateDiagram-v2', ...arrows].join('\n')
}
