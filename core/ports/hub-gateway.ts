import type { DeviceId } from '../../contract/app/ids.ts'
import type { TwinPath } from '../domain/fleet-query.ts'
import type { ReportedKind } from '../domain/report-query.ts'
import type { HubEvents } from './hub-events.ts'
import type { HubJobs } from './hub-jobs.ts'
import type { TwinSections } from '../domain/hub-request.ts'
import type { Json } from '../domain/json.ts'

/** One device as a twin query tells it. `reported` and `tags` hold only what was asked for. */
export interface QueriedDevice {
  readonly deviceId: string
  /** Grows with each change of the twin; undefined where the hub does not say. */
  readonly version?: number | undefined
  readonly status: string
  readonly connectionState: string
  readonly lastActivityTime: string | undefined
  readonly reported: Json
  readonly tags: Json
}

/** A device twin as get-twin tells it: always the latest. */
export interface DeviceTwin extends QueriedDevice {
  readonly desired: Json
  /** Grows with each change of the twin. */
  readonly version: number
  /** Another one whenever a back end has changed the desired properties or the tags; a device's report leaves it. */
  readonly etag: string
}

export interface TwinPatch {
  readonly deviceId: DeviceId
  readonly sections: TwinSections
  /** The hub refuses with `conflict` when the twin's etag is another one; undefined takes any. */
  readonly etag?: string | undefined
}

export interface MethodCall {
  readonly deviceId: DeviceId
  readonly methodName: string
  readonly payload: Json
  /** How long the device may take to answer. Milliseconds; the hub counts in whole seconds, 5 to 300. */
  readonly responseTimeoutMs: number
}

/** What the device itself answered. */
export interface MethodAnswer {
  readonly status: number
  readonly payload: Json
}

export interface AskedReports {
  readonly kind: ReportedKind
  readonly actionId: string
}

export interface StatusCount {
  /** The device's own word: hostile text, cut. */
  readonly status: string
  readonly devices: number
}

/**
 * One IoT Hub's service side. Every call ends: with a value, or with an AppError of one of these codes:
 * `device-offline`, `not-found`, `unauthorized`, `forbidden`, `conflict`, `throttled` (with `retryAfterMs`): the hub refused, nothing ran.
 * `unreachable`: the request never left, nothing ran. `timeout`, `unexpected-answer`: no one can say whether it ran.
 * `cancelled`: the signal.
 */
export interface HubGateway {
  readonly hostName: string
  readonly jobs: HubJobs
  readonly events: HubEvents
  /** The fleet, page by page, with these parts of each twin. */
  listDevices(paths: readonly TwinPath[], signal: AbortSignal): AsyncIterable<readonly QueriedDevice[]>
  /** Asks for one device, to learn whether the hub answers and the credential is good. */
  check(signal: AbortSignal): Promise<void>
  /** How many devices report each status of an action; the answer lags. Errors: `internal` for an id that cannot be asked for. */
  countReports(asked: AskedReports, signal: AbortSignal): Promise<readonly StatusCount[]>
  readTwin(deviceId: DeviceId, signal: AbortSignal): Promise<DeviceTwin>
  invokeMethod(call: MethodCall, signal: AbortSignal): Promise<MethodAnswer>
  /** Resolves with the twin's version after the patch, once the hub has stored it. */
  patchTwin(patch: TwinPatch, signal: AbortSignal): Promise<number>
  close(): void
}
