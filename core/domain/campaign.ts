import type { Abort, Cancellation } from '../../contract/app/action.ts'
import type { AbortRule, Gate, Hold, Policy } from '../../contract/app/policy.ts'
import type { CampaignChanged, CampaignEventName } from './journal-record.ts'

/** Where a campaign stands, as the journal tells it. */
export interface CampaignState {
  /** The wave that was opened last, from 1; 0 before the first. */
  readonly wave: number
  /** When the open wave had settled. */
  readonly settledAt: string | undefined
  /** The highest wave that a person has let through its gate. */
  readonly approved: number
  /** Why nothing may be sent until a person resumes. */
  readonly hold: Extract<Hold, { kind: 'paused' | 'interrupted' | 'halted' }> | undefined
  readonly abort: Abort | undefined
  /** Who stopped it, where a person did. */
  readonly cancellation: Cancellation | undefined
  /** Nothing more will ever be sent. */
  readonly hasStopped: boolean
}

export const freshCampaign: CampaignState = {
  wave: 0,
  settledAt: undefined,
  approved: 1,
  hold: undefined,
  abort: undefined,
  cancellation: undefined,
  hasStopped: false,
}

/** What each decision changes. */
const effects: Readonly<
  Record<CampaignEventName, (state: CampaignState, decision: CampaignChanged) => Partial<CampaignState>>
> = {
  wave: ({ wave: before }, { wave = before }) => ({ wave, settledAt: undefined }),
  settle: (_, { at }) => ({ settledAt: at }),
  approve: ({ approved }, { wave = approved }) => ({ approved: Math.max(approved, wave) }),
  pause: (_, { by = '' }) => ({ hold: { kind: 'paused', by } }),
  interrupt: () => ({ hold: { kind: 'interrupted' } }),
  halt: () => ({ hold: { kind: 'halted' } }),
  resume: () => ({ hold: undefined }),
  abort: (_, { at, finished = 0, failed = 0 }) => ({ ...stopped, abort: { at, finished, failed } }),
  cancel: (_, { at, by }) => ({ ...stopped, cancellation: { at, ...(by === undefined ? {} : { by }) } }),
}

const stopped = { hold: undefined, hasStopped: true } as const

/** The state after what a person or the policy decided. */
export function afterDecision(state: CampaignState, decision: CampaignChanged): CampaignState {
  return { ...state, ...effects[decision.name](state, decision) }
}

/** Everything that the next step depends on, beside the clock. */
export interface Standing {
  readonly state: CampaignState
  readonly waves: number
  /** Devices of the open waves that wait for their turn. */
  readonly due: number
  /** Devices of waves that are not open yet. */
  readonly later: number
  /** Devices whose turn it was, and that are offline. */
  readonly parked: number
  /** Devices that are being asked, or followed. */
  readonly underWay: number
  readonly succeeded: number
  readonly failed: number
  /** Unknown, and nobody looks for the truth any more. */
  readonly lost: number
  /** Unknown only because such devices cannot prove what they did. */
  readonly unprovable: number
}

export type Step =
  | { readonly kind: 'open'; readonly wave: number }
  | { readonly kind: 'send' }
  /** Nobody is to be asked now; those who were are followed. */
  | { readonly kind: 'follow' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'abort'; readonly finished: number; readonly failed: number }
  | { readonly kind: 'end' }

/** What an action does next. Time in milliseconds. Without a policy everybody is one wave without a gate. */
export function nextStep(policy: Policy | undefined, standing: Standing, now: number): Step {
  const { state, due, underWay } = standing
  if (isSent(standing)) return underWay > 0 ? { kind: 'follow' } : { kind: 'end' }
  const abort = policy?.abort && abortOf(policy.abort, standing)
  if (abort) return abort
  if (state.hold) return { kind: 'hold', hold: state.hold }
  if (due > 0 && state.wave > 0) return { kind: 'send' }
  if (underWay > 0) return { kind: 'follow' }
  return betweenWaves(policy, standing, now)
}

/** Whether nobody will be asked any more. */
function isSent({ state, due, later, parked }: Standing): boolean {
  return state.hasStopped || due + later + parked === 0
}

/** Everybody whose turn it was is settled, or offline. */
function betweenWaves(policy: Policy | undefined, standing: Standing, now: number): Step {
  const { state, waves, parked } = standing
  if (state.wave === 0) return { kind: 'open', wave: 1 }
  return state.wave < waves ? pastGate(policy?.gate, standing, now) : offlineHold(policy, parked)
}

/** Whether too much has gone wrong. What nobody can prove either way is finished, and is no failure. */
function abortOf({ failureShare, leastFinished }: AbortRule, standing: Standing): Step | undefined {
  const failed = standing.failed + standing.lost
  const finished = standing.succeeded + standing.unprovable + failed
  if (finished < leastFinished || failed <= failureShare * finished) return undefined
  return { kind: 'abort', finished, failed }
}

function pastGate(gate: Gate | undefined, standing: Standing, now: number): Step {
  const { state } = standing
  if (!gate) return { kind: 'open', wave: state.wave + 1 }
  if (state.settledAt === undefined) return { kind: 'settle' }
  const hold = gateHold(gate, standing, now)
  return hold ? { kind: 'hold', hold } : { kind: 'open', wave: state.wave + 1 }
}

function gateHold(gate: Gate, standing: Standing, now: number): Hold | undefined {
  const { state } = standing
  const until = Date.parse(state.settledAt ?? '') + gate.soakMs
  if (now < until) return { kind: 'soaking', until: new Date(until).toISOString() }
  if (state.approved > state.wave) return undefined
  const share = successShare(standing)
  if (gate.successShare !== undefined && share < gate.successShare)
    return { kind: 'gate', share, needed: gate.successShare }
  return gate.needsApproval ? { kind: 'approval' } : undefined
}

/** The share of the devices that were asked so far that has succeeded; of nobody, everybody has. */
function successShare({ succeeded, failed, lost, unprovable }: Standing): number {
  const asked = succeeded + failed + lost + unprovable
  return asked === 0 ? 1 : succeeded / asked
}

function offlineHold(policy: Policy | undefined, parked: number): Step {
  if (policy?.offline.mode !== 'wait') return { kind: 'end' }
  return { kind: 'hold', hold: { kind: 'offline', devices: parked, until: policy.offline.deliverBy } }
}
