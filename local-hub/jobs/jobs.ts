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

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling#other-limits */
const historyMs = 30 * 24 * 60 * 60 * 1000

/** Of jobs that are over, with the devices of all of them: some 100 MB. What is beyond is forgotten before its time. */
const mostHistory = { jobs: 1_000, devices: 200_000 } as const

/** Jobs that are not over; nobody publishes how many a real hub takes. */
const mostOpenJobs = 10_000

/** Scheduled jobs. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-jobs */
export class Jobs {
  readonly #options: JobsOptions
  readonly #runs = new Map<string, JobRun>()
  /** Those of them that have ended. */
  readonly #over = new Set<JobRun>()
  readonly #queue: JobRun[] = []
  readonly #listeners: JobListener[] = []
  #activeCount = 0
  #lastSequence = 0

  constructor(options: JobsOptions) {
    this.#options = options
  }

  /** Throws ArgumentInvalid for a bad condition, JobAlreadyExists, JobQuotaExceeded, ThrottlingMaxActiveJobCountExceeded. */
  schedule(request: JobRequest): Job {
    this.#forgetOld()
    if (this.#runs.has(request.jobId)) {
      throw new HubError('JobAlreadyExists', `A job with ID '${request.jobId}' already exists.`)
    }
    // A condition with a mistake is refused now, not when the job starts.
    this.#options.findDevices(request.queryCondition)
    this.#assertFewOpen()
    if (this.#isDue(request)) this.#assertRoom()
    this.#lastSequence += 1
    const run = new JobRun(this.#runOptions(request, this.#lastSequence))
    this.#runs.set(request.jobId, run)
    this.#beginWhenDue(run, request)
    return run.snapshot()
  }

  /** Goes on with a job of an earlier run of the hub. */
  restore(state: JobState, devices: readonly DeviceJob[]): void {
    const { request, sequence } = state
    this.#lastSequence = Math.max(this.#lastSequence, sequence)
    const run = new JobRun(this.#runOptions(request, sequence), { state, devices })
    this.#runs.set(request.jobId, run)
    this.#noteEnd(run)
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
    this.#forgetOld()
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
    this.#forgetOld()
    return [...this.#runs.values()].flatMap((run) =>
      [...run.devices].map((job, index) => ({ job, position: run.sequence * mostDevices + index + 1 })),
    )
  }

  #runOptions(request: JobRequest, sequence: number): JobRunOptions {
    const listener: JobListener = {
      job: (state) => {
        this.#noteEnd(this.#runs.get(state.request.jobId))
        for (const each of this.#listeners) each.job(state)
      },
      device: (device) => {
        for (const each of this.#listeners) each.device(device)
      },
      forgotten: (jobId, deviceIds) => {
        for (const each of this.#listeners) each.forgotten(jobId, deviceIds)
      },
    }
    return { ...this.#options, request, sequence, listener }
  }

  /** The oldest first. Whoever looks sees no more than there should be; a timer would show nobody anything. */
  #forgetOld(): void {
    const now = this.#options.hub.clock.now()
    const over = [...this.#over].sort((left, right) => right.endedAt - left.endedAt)
    let [jobs, devices] = [0, 0]
    for (const run of over) {
      jobs += 1
      devices += run.deviceCount
      // The newest may be as large as it likes, for somebody waits for its outcome.
      const isTooMuch = jobs > mostHistory.jobs || (devices > mostHistory.devices && jobs > 1)
      if (isTooMuch || run.endedAt <= now - historyMs) this.#forget(run)
    }
  }

  #forget(run: JobRun): void {
    this.#runs.delete(run.jobId)
    this.#over.delete(run)
    run.forget()
  }

  #noteEnd(run: JobRun | undefined): void {
    if (run && isFinal(run.status)) this.#over.add(run)
  }

  #run(jobId: string): JobRun {
    this.#forgetOld()
    const run = this.#runs.get(jobId)
    if (!run) throw new HubError('JobNotFound', `Job ${jobId} not found`)
    return run
  }

  #isDue({ startAt }: JobRequest): boolean {
    return startAt <= this.#options.hub.clock.now()
  }

  #assertFewOpen(): void {
    if (this.#runs.size - this.#over.size < mostOpenJobs) return
    throw new HubError('JobQuotaExceeded', `There are ${mostOpenJobs} jobs that are not over.`)
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
