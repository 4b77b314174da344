import { HubError, invalid } from '../hub/hub-error.ts'
import { isFinal } from './job.ts'
import type { DeviceJob, Job, JobListener, JobRequest, JobState, JobStatus, JobType } from './job.ts'
import { JobRun } from './job-run.ts'
import type { JobRunOptions } from './job-run.ts'

export interface JobsOptions extends Omit<JobRunOptions, 'request' | 'sequence' | 'listener'> {
  /** How many jobs may run at once. */
  readonly mostActive: number
}

export interface JobFilter {
  readonly type: JobType | undefined
  readonly status: JobStatus | undefined
}

/** A row of `devices.jobs`. */
export interface DeviceJobRow {
  readonly job: DeviceJob
  /** Stays with the row, although devices of earlier jobs may come later. */
  readonly position: number
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling */
const mostDevices = 1_000_000

/** Scheduled jobs. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-jobs */
export class Jobs {
  readonly #options: JobsOptions
  readonly #runs = new Map<string, JobRun>()
  readonly #queue: JobRun[] = []
  readonly #listeners: JobListener[] = []
  #activeCount = 0

  constructor(options: JobsOptions) {
    this.#options = options
  }

  /** Throws ArgumentInvalid for a bad condition, JobAlreadyExists, ThrottlingMaxActiveJobCountExceeded. */
  schedule(request: JobRequest): Job {
    if (this.#runs.has(request.jobId)) {
      throw new HubError('JobAlreadyExists', `A job with ID '${request.jobId}' already exists.`)
    }
    // A condition with a mistake is refused now, not when the job starts.
    this.#options.findDevices(request.queryCondition)
    if (this.#isDue(request)) this.#assertRoom()
    const run = new JobRun(this.#runOptions(request, this.#runs.size + 1))
    this.#runs.set(request.jobId, run)
    this.#beginWhenDue(run, request)
    return run.snapshot()
  }

  /** Goes on with a job of an earlier run of the hub. */
  restore(state: JobState, devices: readonly DeviceJob[]): void {
    const { request, sequence } = state
    const run = new JobRun(this.#runOptions(request, sequence), { state, devices })
    this.#runs.set(request.jobId, run)
    this.#beginWhenDue(run, request)
  }

  onChange(listener: JobListener): void {
    this.#listeners.push(listener)
  }

  /** Throws JobNotFound. */
  get(jobId: string): Job {
    return this.#run(jobId).snapshot()
  }

  /** Throws JobNotFound, or ArgumentInvalid for a job that has ended. */
  cancel(jobId: string): Job {
    const run = this.#run(jobId)
    if (isFinal(run.status)) throw invalid(`Job ${jobId} has ended and cannot be cancelled.`)
    run.cancel()
    return run.snapshot()
  }

  /** In order of creation. */
  list({ type, status }: JobFilter): readonly Job[] {
    return [...this.#runs.values()]
      .map((run) => run.snapshot())
      .filter(
        (job) =>
          (type === undefined || job.request.work.type === type) &&
          (status === undefined || job.status === status),
      )
  }

  /** What each job does to each device. */
  deviceJobs(): readonly DeviceJobRow[] {
    return [...this.#runs.values()].flatMap((run) =>
      [...run.devices].map((job, index) => ({ job, position: run.sequence * mostDevices + index + 1 })),
    )
  }

  #runOptions(request: JobRequest, sequence: number): JobRunOptions {
    const listener: JobListener = {
      job: (state) => {
        for (const each of this.#listeners) each.job(state)
      },
      device: (device) => {
        for (const each of this.#listeners) each.device(device)
      },
    }
    return { ...this.#options, request, sequence, listener }
  }

  #run(jobId: string): JobRun {
    const run = this.#runs.get(jobId)
    if (!run) throw new HubError('JobNotFound', `Job ${jobId} not found`)
    return run
  }

  #isDue({ startAt }: JobRequest): boolean {
    return startAt <= this.#options.hub.clock.now()
  }

  #assertRoom(): void {
    if (this.#activeCount < this.#options.mostActive) return
    throw new HubError(
      'ThrottlingMaxActiveJobCountExceeded',
      `Number of active jobs would exceed the limit of ${this.#options.mostActive}.`,
    )
  }

  /** A timer may fire early where the delay is longer than a timer can be. */
  #beginWhenDue(run: JobRun, request: JobRequest): void {
    if (isFinal(run.status)) return
    const { clock } = this.#options.hub
    if (this.#isDue(request)) this.#begin(run)
    else clock.after(request.startAt - clock.now(), () => this.#beginWhenDue(run, request))
  }

  #begin(run: JobRun): void {
    if (this.#activeCount >= this.#options.mostActive) {
      run.queue()
      this.#queue.push(run)
      return
    }
    this.#activeCount += 1
    run.run().then(() => {
      this.#activeCount -= 1
      this.#beginNext()
    }, this.#options.onBug)
  }

  #beginNext(): void {
    const next = this.#queue.shift()
    if (!next) return
    if (isFinal(next.status)) this.#beginNext()
    else this.#begin(next)
  }
}
