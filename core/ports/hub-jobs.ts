import type { HubRequest } from '../domain/hub-request.ts'
import type { Json } from '../domain/json.ts'

/** A job as the hub tells it. */
export interface JobStatus {
  readonly jobId: string
  readonly type: 'scheduleDeviceMethod' | 'scheduleUpdateTwin'
  readonly status: 'pending' | 'queued' | 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled'
  readonly createdAt: string | undefined
  readonly startAt: string | undefined
  readonly endedAt: string | undefined
  readonly condition: string
  /** What is asked of each device; undefined for what Drover cannot read. */
  readonly request: HubRequest | undefined
  readonly devices: number | undefined
  readonly succeeded: number | undefined
  readonly failed: number | undefined
  /** The hub's own words. */
  readonly failure: string | undefined
}

/** What became of one device of a job, so far. */
export interface JobOutcome {
  readonly deviceId: string
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'canceled'
  /** Whether the job has turned to it, so that it may have done what was asked whatever came of that. */
  readonly hasBegun: boolean
  /** What the device answered to a method. */
  readonly answer: { readonly status: number; readonly payload: Json } | undefined
  /** The hub's error code and words, such as 404103 for a device that is offline. */
  readonly error: { readonly code: string; readonly description: string } | undefined
}

export interface NewJob {
  /** Letters, digits, dash and underscore. */
  readonly jobId: string
  readonly request: HubRequest
  /** The WHERE part of a query that chooses the devices; at most about 8,000 characters. */
  readonly condition: string
  readonly startAt: Date
  readonly mostMs: number
}

/**
 * The jobs of one hub: work that the hub itself does, also while the app is closed. Errors: those of `HubGateway`;
 * `throttled` also stands for a hub that runs as many jobs as its tier allows.
 */
export interface HubJobs {
  create(job: NewJob, signal: AbortSignal): Promise<void>
  /** Undefined when the hub has no such job: it keeps them for 30 days. */
  read(jobId: string, signal: AbortSignal): Promise<JobStatus | undefined>
  list(signal: AbortSignal): Promise<readonly JobStatus[]>
  cancel(jobId: string, signal: AbortSignal): Promise<void>
  /** One block a page. Not billed, as documented for queries against jobs. */
  outcomes(jobId: string, signal: AbortSignal): AsyncIterable<readonly JobOutcome[]>
}
