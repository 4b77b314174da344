import { HubError } from '../hub/hub-error.ts'
import { doWork } from './do-work.ts'
import type { Workplace } from './do-work.ts'
import { isFinal } from './job.ts'
import type { DeviceJob, DeviceJobStatus, DeviceOutcome, Job, JobRequest, JobStatus } from './job.ts'

export interface JobRunOptions extends Workplace {
  readonly request: JobRequest
  readonly sequence: number
  /** The ids of the devices that meet the condition now; throws HubError. */
  readonly findDevices: (condition: string) => readonly string[]
  /** Resolves when the job may turn to one more device. */
  readonly nextTurn: () => Promise<void>
  readonly onBug: (error: unknown) => void
}

/** The life of one job, from its creation to its end. */
export class JobRun {
  readonly #options: JobRunOptions
  readonly #createdAt: number
  readonly #devices = new Map<string, DeviceJob>()
  readonly #ended = Promise.withResolvers<undefined>()
  #status: JobStatus
  #startedAt: number | undefined
  #endedAt: number | undefined
  #failureReason: string | undefined

  constructor(options: JobRunOptions) {
    this.#options = options
    this.#createdAt = this.#now()
    this.#status = options.request.startAt > this.#now() ? 'scheduled' : 'queued'
  }

  get status(): JobStatus {
    return this.#status
  }

  get sequence(): number {
    return this.#options.sequence
  }

  get devices(): Iterable<DeviceJob> {
    return this.#devices.values()
  }

  snapshot(): Job {
    const { request, sequence } = this.#options
    return {
      request,
      sequence,
      createdAt: this.#createdAt,
      status: this.#status,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      failureReason: this.#failureReason,
      devices: [...this.devices],
    }
  }

  /** Its start time has come, and there is no room for it. */
  queue(): void {
    this.#status = 'queued'
  }

  /** Resolves when the job has ended, whatever its end. */
  async run(): Promise<void> {
    const { request, hub } = this.#options
    this.#status = 'running'
    this.#startedAt = this.#now()
    const cancelDeadline = hub.clock.after(request.maxExecutionMs, () => {
      this.#end('failed', 'The maximum execution time of the job has passed.')
    })
    try {
      const deviceIds = this.#options.findDevices(request.queryCondition)
      // A job that is cancelled does not wait for the devices that have not come yet.
      await Promise.race([this.#runOnAll(deviceIds), this.#ended.promise])
      this.#end('completed')
    } catch (error) {
      this.#end('failed', this.#refusalOf(error).message)
    } finally {
      cancelDeadline()
    }
  }

  /** Devices that were not asked yet will not be; what a device is doing goes on. */
  cancel(): void {
    this.#end('cancelled')
  }

  async #runOnAll(deviceIds: readonly string[]): Promise<void> {
    for (const deviceId of deviceIds) this.#change(deviceId, 'pending')
    const running: Promise<void>[] = []
    for (const deviceId of deviceIds) {
      await this.#options.nextTurn()
      if (this.#hasEnded()) break
      running.push(this.#runOn(deviceId))
    }
    await Promise.all(running)
  }

  async #runOn(deviceId: string): Promise<void> {
    const { request } = this.#options
    this.#change(deviceId, 'running')
    const deadline = (this.#startedAt ?? this.#now()) + request.maxExecutionMs
    const hasEnded = () => this.#hasEnded()
    try {
      const outcome = await doWork(this.#options, { deviceId, work: request.work, deadline, hasEnded })
      this.#change(deviceId, 'completed', outcome)
    } catch (error) {
      this.#change(deviceId, 'failed', this.#refusalOf(error))
    }
  }

  #refusalOf(error: unknown): Extract<DeviceOutcome, { kind: 'refused' }> {
    if (error instanceof HubError) return { kind: 'refused', code: error.code, message: error.message }
    this.#options.onBug(error)
    return { kind: 'refused', code: 'ServerError', message: 'The local hub failed. This is a bug.' }
  }

  /** What comes after the end changes nothing. */
  #change(deviceId: string, status: DeviceJobStatus, outcome?: DeviceOutcome): void {
    if (!this.#hasEnded()) this.#put(deviceId, status, outcome)
  }

  #put(deviceId: string, status: DeviceJobStatus, outcome?: DeviceOutcome): void {
    const { jobId, work } = this.#options.request
    const [now, known] = [this.#now(), this.#devices.get(deviceId)]
    const isOver = status !== 'pending' && status !== 'running'
    this.#devices.set(deviceId, {
      deviceId,
      jobId,
      jobType: work.type,
      status,
      createdAt: known?.createdAt ?? now,
      updatedAt: now,
      startedAt: known?.startedAt ?? (status === 'running' ? now : undefined),
      endedAt: isOver ? now : undefined,
      outcome,
    })
  }

  #end(status: 'completed' | 'failed' | 'cancelled', failureReason?: string): void {
    if (this.#hasEnded()) return
    this.#status = status
    this.#endedAt = this.#now()
    this.#failureReason = failureReason
    const left = [...this.devices].filter((device) => device.endedAt === undefined)
    for (const { deviceId } of left) this.#put(deviceId, status === 'cancelled' ? 'canceled' : 'failed')
    this.#ended.resolve(undefined)
  }

  #hasEnded(): boolean {
    return isFinal(this.#status)
  }

  #now(): number {
    return this.#options.hub.clock.now()
  }
}
