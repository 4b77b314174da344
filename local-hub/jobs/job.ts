import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { TwinChange } from '../hub/twins.ts'

export const jobTypes = ['scheduleDeviceMethod', 'scheduleUpdateTwin'] as const
export const jobStatuses = ['scheduled', 'queued', 'running', 'completed', 'failed', 'cancelled'] as const

export type JobType = (typeof jobTypes)[number]
export type JobStatus = (typeof jobStatuses)[number]
export type DeviceJobStatus = 'pending' | 'running' | 'completed' | 'failed' | 'canceled'

export type JobWork =
  | {
      readonly type: 'scheduleDeviceMethod'
      readonly methodName: string
      /** JSON text. */
      readonly payload: string
      readonly responseTimeoutMs: number
    }
  | { readonly type: 'scheduleUpdateTwin'; readonly change: TwinChange; readonly ifMatch: string }

export interface JobRequest {
  readonly jobId: string
  /** What follows WHERE, or `*`. */
  readonly queryCondition: string
  readonly work: JobWork
  /** `cloudToDeviceMethod` or `updateTwin`, as it was sent. */
  readonly document: JsonObject
  /** Milliseconds since the epoch; what is past means now. */
  readonly startAt: number
  readonly maxExecutionMs: number
}

/** A job as it is at one moment. */
export interface Job {
  readonly request: JobRequest
  /** Order of creation. */
  readonly sequence: number
  readonly createdAt: number
  readonly status: JobStatus
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly failureReason: string | undefined
  readonly devices: readonly DeviceJob[]
}

/** What a job does to one device. Records are replaced, never changed. */
export interface DeviceJob {
  readonly deviceId: string
  readonly jobId: string
  readonly jobType: JobType
  readonly status: DeviceJobStatus
  readonly createdAt: number
  readonly updatedAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly outcome: DeviceOutcome | undefined
}

export type DeviceOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly payload: JsonValue }
  | { readonly kind: 'updated' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

export function isFinal(status: JobStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
