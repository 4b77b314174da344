import type { JsonObject, JsonValue } from '../../hub/json.ts'

/** What is true of a light device now. Replaced, never changed. */
export interface LightState {
  readonly deviceId: string
  readonly bootId: string
  /** Milliseconds since the epoch. */
  readonly bootedAt: number
  readonly firmwareVersion: string
}

/** What a device knows when it acts. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly state: LightState
}

/** How a device that is asked to do something answers at once. */
export interface Answer {
  readonly status: number
  readonly payload: JsonValue
}

/** What a device does next, after it has answered. */
export type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  /** The patch is made when its turn comes, because it tells the time and the boot id of then. */
  | {
      readonly kind: 'report'
      readonly patch: (moment: Moment) => JsonObject
      /** It also says what the device says after a boot, which is then not said once more. */
      readonly greets?: boolean
    }
  /** Away for a while, then there with a new boot id, and with other firmware where it is named. */
  | { readonly kind: 'restart'; readonly downMs: number; readonly firmwareVersion?: string }

/** Names the work of a script, for a dialect that has ids. */
export interface Work {
  readonly actionId: string
  readonly method: string
  /** JSON text: the same id with other parameters is a conflict. */
  readonly parameters: string
}

export interface Reaction {
  readonly answer: Answer
  readonly script: readonly Step[]
  readonly work?: Work
}

/** How an update of the firmware ends. */
export type FirmwareOutcome = 'succeeds' | 'failsDownload' | 'rollsBack'

/** What is asked of a device, and all that its answer depends on. */
export interface Call extends Moment {
  readonly method: string
  readonly payload: JsonValue
  /** What it is doing now. */
  readonly running: Work | undefined
  /** What it did last. */
  readonly done: Work | undefined
  readonly downMs: number
  /** How long each phase of an update takes. */
  readonly phaseMs: number
  readonly firmware: FirmwareOutcome
  readonly newId: () => string
}

/** How a family of devices names its methods and reports what it does. */
export interface LightDialect {
  /** Reported when the device has booted. */
  hello(moment: Moment): JsonObject | undefined
  /** `undefined` for a method that the device does not know: it never answers. */
  react(call: Call): Reaction | undefined
  /** The answer of a device that does not want to. */
  refuse(call: Call): Answer
  /** Of a family that is told by desired properties; `undefined` when there is nothing to do. */
  desired?(desired: JsonObject, call: Call): readonly Step[] | undefined
}

export function wait(ms: number): Step {
  return { kind: 'wait', ms }
}

export function report(patch: (moment: Moment) => JsonObject): Step {
  return { kind: 'report', patch }
}

/** What was done, and in the same patch who the device is now. */
export function reportWithGreeting(patch: (moment: Moment) => JsonObject): Step {
  return { kind: 'report', patch, greets: true }
}

export function restart({ downMs }: Pick<Call, 'downMs'>, firmwareVersion?: string): Step {
  return { kind: 'restart', downMs, ...(firmwareVersion !== undefined && { firmwareVersion }) }
}

export function instant(time: number): string {
  return new Date(time).toISOString()
}
