import type { Verdict } from '../../../contract/app/preflight.ts'
import type { DeviceRow, Dialect } from '../../../contract/app/device.ts'
import type { ActionId } from '../../../contract/app/ids.ts'
import type { DeviceState, DialectRules } from '../dialects/dialect.ts'
import type { HubAnswer, HubRequest } from '../hub-request.ts'
import type { Json } from '../json.ts'
import type { Restoration, TwinContent } from '../restoration.ts'
import type { TargetEvent } from '../target.ts'

/** What is known of a device before anything is sent. */
export interface Candidate {
  readonly row: DeviceRow | undefined
  /** The direct methods that the device says it has; undefined when it does not say. */
  readonly supportedActions: readonly string[] | undefined
  readonly dialect: DialectRules | undefined
  /** What it has reported. */
  readonly state: DeviceState | undefined
  readonly isBusy: boolean
  /** What a restore would put back; undefined for every other kind, and for a device of which nothing was kept. */
  readonly restoration?: Restoration | undefined
}

export interface Asking {
  /** Whether the device had said that a factory reset leaves it its identity: nobody was warned then. */
  readonly keepsIdentity?: boolean | undefined
  readonly restoring?: Restoring | undefined
  readonly actionId: ActionId
  readonly dialect: DialectRules
  readonly now: Date
  /** A device that gets the request later than this is not to carry it out. */
  readonly notAfter: Date
}

/** What a twin is to have again, and how. */
export interface Restoring {
  readonly kept: TwinContent
  /** Whether the twin is still what the person was shown. */
  readonly isAsSeen: boolean
  /** Undefined where nothing is to be put back, and after a restart of the app. */
  readonly request: HubRequest | undefined
}

/** What is known about a device that was asked, between two looks at its twin. */
export interface Following {
  readonly dialect: DialectRules
  readonly actionId: ActionId
  /** What the device had reported before it was asked: it proves nothing about this action. */
  readonly before: DeviceState
  readonly leftAt: string | undefined
  readonly returnedAt: string | undefined
  readonly restoring?: Restoring | undefined
  readonly keepsIdentity?: boolean | undefined
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

/** The device has to be asked once more before it begins. */
export interface NextRequest {
  readonly next: HubRequest
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
  /** What the action may wipe is written to the journal before the device is asked: its desired properties and tags. */
  readonly keepsTwin?: true
  /** The action before which the twins were kept that are to be put back. */
  readonly restores?: ActionId
  /** Undefined for what this family of devices does not have. */
  request(asking: Asking): HubRequest | undefined
  /** What the twin that was read first says already: then nothing is sent. */
  judgeFirst?(following: Following): TargetEvent | undefined
  judgeAnswer(answer: HubAnswer, asking: Asking): TargetEvent | NextRequest
  /** Absent for a kind that leaves no trace in the twin: what is in doubt stays in doubt. */
  readonly twin: TwinRules | undefined
}

/** Whether the device, as far as it says what it has, can be asked for that. */
export function has({ supportedActions }: Candidate, request: HubRequest | undefined): boolean {
  if (request?.type !== 'method') return request !== undefined
  return supportedActions?.includes(request.methodName) !== false
}

/** Whether our agent on the device says that it can do that. */
export function agentHas({ supportedActions }: Candidate, methodName: string): boolean {
  return supportedActions?.includes(methodName) === true
}

/** Whether a direct method can reach the device now. */
export function methodVerdict({ row, isBusy }: Candidate): Verdict {
  if (!row) return 'missing'
  if (!row.isEnabled) return 'disabled'
  if (isBusy) return 'busy'
  return row.isConnected ? 'ready' : 'offline'
}
