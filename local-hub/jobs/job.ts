import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { TwinChange } from '../hub/changed-twin.ts'

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

/** A job at one moment, without its devices. */
export interface JobState {
  readonly request: JobRequest
  /** Order of creation. */
  readonly sequence: number
  readonly createdAt: number
  readonly status: JobStatus
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly failureReason: string | undefined
}

/** A job as it is at one moment. */
export interface Job extends JobState {
  readonly devices: readonly DeviceJob[]
}

/** Hears each change of a job and of what it does to each device. */
export interface JobListener {
  job(state: JobState): void
  device(device: DeviceJob): void
  /** The job is of no interest any more, nor what it did to these devices. */
  forgotten(jobId: string, deviceIds: readonly string[]): void
}

/** What a job does to one device. Records are replaced, never changed. */
export interface DeviceJob {
  readonly deviceId: string
  readonly jobId: string
  readonly jobType: JobType
  readonly status: DeviceJobStatus
  /** From then on the device may have done the work, whatever becomes of its answer. */
  readonly isAsked: boolean
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
