import type { Verdict } from '../../../contract/app/action.ts'
import type { DeviceRow, Dialect } from '../../../contract/app/device.ts'
import type { ActionId } from '../../../contract/app/ids.ts'
import type { Json, JsonObject } from '../json.ts'
import type { TargetEvent } from '../target.ts'

/** What is known of a device before anything is sent. */
export interface Candidate {
  readonly row: DeviceRow | undefined
  /** Absent for a device without an agent of ours. */
  readonly supportedActions: readonly string[] | undefined
  readonly isBusy: boolean
}

/** What the hub is asked to do for one device. */
export type HubRequest =
  | {
      readonly type: 'method'
      readonly methodName: string
      readonly payload: Json
      readonly responseTimeoutMs: number
    }
  | { readonly type: 'patch'; readonly section: 'desired' | 'tags'; readonly patch: JsonObject }

/** What came back: from the device for a method, from the hub for a patch. */
export type HubAnswer =
  | { readonly type: 'method'; readonly status: number; readonly payload: Json; readonly at: string }
  | { readonly type: 'patch'; readonly version: number; readonly at: string }

export interface Asking {
  readonly actionId: ActionId
  readonly dialect: Dialect
  /** A device that gets the request later than this is not to carry it out. */
  readonly notAfter: Date
}

/** What is known about a device that was asked, between two looks at its twin. */
export interface Following {
  readonly dialect: Dialect
  readonly actionId: ActionId
  /** What a tutorial device had reported before it was asked. */
  readonly restartTimeBefore: string | undefined
  readonly leftAt: string | undefined
  readonly returnedAt: string | undefined
}

/** One look at a device's twin. */
export interface Sighting {
  readonly isConnected: boolean
  readonly reported: Json
  readonly desired: Json
  readonly tags: Json
  readonly version: number
  readonly readAt: string
}

export interface Judgement {
  readonly following: Following
  readonly event: TargetEvent | undefined
}

/** What the twin says about an action that was asked for. */
export interface TwinRules {
  /** Whether the same question once more has no second effect, so that a lost answer may be asked for again. */
  canAskAgain(following: Following): boolean
  judge(following: Following, sighting: Sighting): Judgement
  /** What is left to say when the time is over. */
  judgeDeadline(following: Following, last: Sighting | undefined): TargetEvent
}

/** One kind of action: what is asked, and what proves that it was done. */
export interface KindRules {
  /** Whether the twin has to be read before the device is asked, to compare with afterwards. */
  needsTwinFirst(dialect: Dialect | undefined): boolean
  request(asking: Asking): HubRequest
  judgeAnswer(answer: HubAnswer): TargetEvent
  /** Absent for a kind that leaves no trace in the twin: what is in doubt stays in doubt. */
  readonly twin: TwinRules | undefined
}

/** Whether a direct method can reach the device now. */
export function methodVerdict({ row, isBusy }: Candidate): Verdict {
  if (!row) return 'missing'
  if (!row.isEnabled) return 'disabled'
  if (isBusy) return 'busy'
  return row.isConnected ? 'ready' : 'offline'
}
