import type { Engine } from '../../contract/app/action.ts'
import type { MaintenanceWindow, OfflinePolicy, Policy, WaveSize } from '../../contract/app/policy.ts'
import { hoursFrom, isTimeZone } from './local-time.ts'
import { carefulWaves } from './waves.ts'

/** A campaign while a person fills it in. */
export interface CampaignDraft {
  readonly name: string
  readonly waves: readonly WaveSize[]
  readonly successPercent: number | undefined
  readonly soakMinutes: number
  readonly needsApproval: boolean
  readonly stopRule: { readonly failurePercent: number; readonly leastFinished: number } | undefined
  readonly mostPerMinute: number | undefined
  readonly mostDevices: number | undefined
  readonly window: MaintenanceWindow | undefined
  readonly offlineMode: OfflinePolicy['mode']
  /** Only for `wait`: nothing is delivered later. */
  readonly deliverBy: string
  readonly engine: Engine
  /** Only for a job of the hub; at once when left out. */
  readonly startAt: string | undefined
}

export type DraftMistake = 'deliver-by' | 'days' | 'time-zone' | 'time-zone-tag' | 'start-at'

export const usualWaitHours = 24

/** What a careful administrator would choose: small steps, and an end to it when they go wrong. */
export function usualDraft(nowMs: number): CampaignDraft {
  return {
    name: '',
    waves: carefulWaves,
    successPercent: 95,
    soakMinutes: 5,
    needsApproval: false,
    stopRule: { failurePercent: 5, leastFinished: 5 },
    mostPerMinute: undefined,
    mostDevices: undefined,
    window: undefined,
    offlineMode: 'wait',
    deliverBy: hoursFrom(nowMs, usualWaitHours),
    engine: 'methods',
    startAt: undefined,
  }
}

/** Nights, by the clock of the device. */
export function usualWindow(timeZone: string): MaintenanceWindow {
  return { from: '22:00', to: '05:00', days: [0, 1, 2, 3, 4, 5, 6], timeZoneTag: 'timeZone', timeZone }
}

export function findMistakes(draft: CampaignDraft, nowMs: number): readonly DraftMistake[] {
  const mistakes: DraftMistake[] = []
  const isJob = draft.engine === 'job'
  const isPast = (instant: string): boolean => !(Date.parse(instant) > nowMs)
  if (isJob && draft.startAt !== undefined && isPast(draft.startAt)) mistakes.push('start-at')
  if (isJob) return mistakes
  if (draft.offlineMode === 'wait' && isPast(draft.deliverBy)) mistakes.push('deliver-by')
  return [...mistakes, ...windowMistakes(draft.window)]
}

function windowMistakes(window: MaintenanceWindow | undefined): DraftMistake[] {
  if (!window) return []
  return [
    ...(window.days.length === 0 ? (['days'] as const) : []),
    ...(window.timeZoneTag.trim() === '' ? (['time-zone-tag'] as const) : []),
    ...(isTimeZone(window.timeZone) ? [] : (['time-zone'] as const)),
  ]
}

/** The policy that the draft means. A job of the hub knows no waves: the hub asks everybody by itself. */
export function policyOf(draft: CampaignDraft): Policy {
  const { mostDevices, mostPerMinute, stopRule, window } = draft
  const cap = mostDevices === undefined ? {} : { mostDevices }
  if (draft.engine === 'job')
    return { waves: [], gate: { soakMs: 0, needsApproval: false }, offline: { mode: 'skip' }, ...cap }
  return {
    waves: [...draft.waves],
    gate: gateOf(draft),
    ...(stopRule ? { abort: abortOf(stopRule) } : {}),
    ...(mostPerMinute === undefined ? {} : { mostPerMinute }),
    ...cap,
    ...(window ? { window } : {}),
    offline:
      draft.offlineMode === 'wait'
        ? { mode: 'wait', deliverBy: draft.deliverBy }
        : { mode: draft.offlineMode },
  }
}

function gateOf({ successPercent, soakMinutes, needsApproval }: CampaignDraft): Policy['gate'] {
  const success = successPercent === undefined ? {} : { successShare: successPercent / 100 }
  return { ...success, soakMs: soakMinutes * 60_000, needsApproval }
}

function abortOf({ failurePercent, leastFinished }: NonNullable<CampaignDraft['stopRule']>): Policy['abort'] {
  return { failureShare: failurePercent / 100, leastFinished }
}

/** The draft of a campaign that was made before; a time that has passed is moved to the usual one. */
export function draftOf(
  policy: Policy,
  rest: Pick<CampaignDraft, 'name' | 'engine'>,
  nowMs: number,
): CampaignDraft {
  const { gate, abort, offline } = policy
  const usual = usualDraft(nowMs)
  const isAhead = offline.mode === 'wait' && Date.parse(offline.deliverBy) > nowMs
  return {
    ...rest,
    waves: policy.waves,
    successPercent: gate.successShare === undefined ? undefined : percent(gate.successShare),
    soakMinutes: Math.round(gate.soakMs / 60_000),
    needsApproval: gate.needsApproval,
    stopRule: abort && { failurePercent: percent(abort.failureShare), leastFinished: abort.leastFinished },
    mostPerMinute: policy.mostPerMinute,
    mostDevices: policy.mostDevices,
    window: policy.window,
    offlineMode: offline.mode,
    deliverBy: isAhead ? offline.deliverBy : usual.deliverBy,
    startAt: undefined,
  }
}

/** A share as a percentage, without what binary fractions leave behind: 0.07 is 7. */
function percent(share: number): number {
  return Math.round(share * 10_000) / 100
}
