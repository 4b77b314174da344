import type { Dialect } from '../../../contract/app/device.ts'
import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Phase } from '../../../contract/app/target.ts'
import type { HubRequest } from '../hub-request.ts'
import type { Json } from '../json.ts'

/** The kinds of action for which families of devices have names of their own. */
export type DeviceActionKind = 'reboot' | 'factoryReset' | 'firmwareUpdate'
export type DeviceActionParameters = Extract<ActionParameters, { kind: DeviceActionKind }>

/** What a device says of work in progress, in one vocabulary for all families. */
export interface WorkState {
  readonly stage: Phase | 'done' | 'failed' | 'download-failed' | 'apply-failed' | 'rolled-back' | 'cancelled'
  /** The device's own word, to be shown and compared. */
  readonly word: string
  /** When the device wrote it: opaque text, which is compared and never calculated with. */
  readonly at?: string | undefined
  readonly percent?: number | undefined
  /** The device's own words about a failure. */
  readonly detail?: string | undefined
}

/** What of a device's twin tells about actions. Two looks are compared: what was there before proves nothing. */
export interface DeviceState {
  /** When the device said that it would restart: before it does, so it is no proof. */
  readonly restartTime?: string | undefined
  /** When the device's system started, as that system counted it: another value is proof of a restart. */
  readonly bootTime?: string | undefined
  readonly firmwareVersion?: string | undefined
  readonly firmware?: WorkState | undefined
  readonly reset?: WorkState | undefined
}

/** How one family of devices names methods and reports state. */
export interface DialectRules {
  readonly name: Dialect
  /** The parts of the reported properties that have to be read, as paths from their root. */
  readonly paths: readonly (readonly string[])[]
  /** Whether what a device has reported is of this family. */
  recognises(reported: Json): boolean
  readState(reported: Json): DeviceState
  /** The direct methods that the device says it has; undefined when it does not say. */
  readMethods(reported: Json): readonly string[] | undefined
  /** What to ask; undefined for a kind that this family does not have. */
  request(parameters: DeviceActionParameters): HubRequest | undefined
}

/** How long a device has to say yes. */
export const responseTimeoutMs = 30_000

export function methodRequest(methodName: string, payload: Json): HubRequest {
  return { type: 'method', methodName, payload, responseTimeoutMs }
}

/** The longest text of a device that is shown in a row. */
const longestText = 128

/** One value of hostile JSON, found without ever looking at a prototype. */
export function valueAt(reported: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = reported
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, Json>>)[key]
  }
  return value
}

/** A text at a path, cut to what a row can show; undefined for everything that is none. */
export function textAt(reported: Json, path: readonly string[]): string | undefined {
  const value = valueAt(reported, path)
  return typeof value === 'string' && value !== '' ? value.slice(0, longestText).toWellFormed() : undefined
}
