import { HubError } from '../hub/hub-error.ts'
import { doWork } from './do-work.ts'
import type { WorkOrder, Workplace } from './do-work.ts'
import { isFinal } from './job.ts'
import type {
  DeviceJob,
  DeviceJobStatus,
  DeviceOutcome,
  Job,
  JobListener,
  JobRequest,
  JobState,
  JobStatus,
} from './job.ts'

export interface JobRunOptions extends Workplace {
  readonly request: JobRequest
  readonly sequence: number
  /** The ids of the devices that meet the condition now; throws HubError. */
  readonly findDevices: (condition: string) => readonly string[]
  /** Resolves when the job may turn to one more device. */
  readonly nextTurn: () => Promise<void>
  readonly listener: JobListener
  readonly onBug: (error: unknown) => void
}

/** A job of an earlier run of the hub, and what it had done. */
export interface EarlierRun {
  readonly state: JobState
  readonly devices: readonly DeviceJob[]
}

/** The life of one job, from its creation to its end. */
export class JobRun {
  readonly #options: JobRunOptions
  readonly #devices: Map<string, DeviceJob>
  readonly #ended = Promise.withResolvers<undefined>()
  #state: JobState

  constructor(options: JobRunOptions, earlier?: EarlierRun) {
    this.#options = options
    this.#devices = new Map(earlier?.devices.map((device) => [device.deviceId, device]))
    this.#state = earlier?.state ?? newState(options, options.hub.clock.now())
    if (!earlier) this.#become({})
  }

  get status(): JobStatus {
    return this.#state.status
  }

  get sequence(): number {
    return this.#options.sequence
  }

  get jobId(): string {
    return this.#options.request.jobId
  }

  /** Milliseconds since the epoch; Infinity for a job that is not over. */
  get endedAt(): number {
    return this.#state.endedAt ?? Infinity
  }

  get deviceCount(): number {
    return this.#devices.size
  }

  get devices(): Iterable<DeviceJob> {
    return this.#devices.values()
  }

  snapshot(): Job {
    return { ...this.#state, devices: [...this.devices] }
  }

  /** Nobody will ask for it any more. */
  forget(): void {
    this.#options.listener.forgotten(this.jobId, [...this.#devices.keys()])
  }

  /** Its start time has come, and there is no room for it. */
  queue(): void {
    this.#become({ status: 'queued' })
  }

  /** Resolves when the job has ended, whatever its end. One that ran before goes on with what it had not begun. */
  async run(): Promise<void> {
    const { request, hub } = this.#options
    const isNew = this.#state.startedAt === undefined
    const startedAt = this.#state.startedAt ?? this.#now()
    this.#become({ status: 'running', startedAt })
    const cancelDeadline = hub.clock.after(startedAt + request.maxExecutionMs - this.#now(), () => {
      this.#end('failed', 'The maximum execution time of the job has passed.')
    })
    try {
      const deviceIds = isNew ? this.#options.findDevices(request.queryCondition) : this.#left()
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

  /** The devices that an earlier run had not asked. Those that it had may have done the work: nobody asks them twice. */
  #left(): readonly string[] {
    const open = [...this.devices].filter((device) => device.endedAt === undefined)
    for (const { deviceId } of open.filter(({ isAsked }) => isAsked)) {
      const message = 'The hub stopped before the device answered.'
      this.#change(deviceId, {
        status: 'failed',
        outcome: { kind: 'refused', code: 'DeviceTimeout', message },
      })
    }
    return open.filter(({ isAsked }) => !isAsked).map(({ deviceId }) => deviceId)
  }

  async #runOnAll(deviceIds: readonly string[]): Promise<void> {
    for (const deviceId of deviceIds) this.#change(deviceId, { status: 'pending' })
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
    this.#change(deviceId, { status: 'running' })
    const order: WorkOrder = {
      deviceId,
      work: request.work,
      deadline: (this.#state.startedAt ?? this.#now()) + request.maxExecutionMs,
      onAsk: () => {
        this.#change(deviceId, { status: 'running', isAsked: true })
      },
      hasEnded: () => this.#hasEnded(),
    }
    try {
      const outcome = await doWork(this.#options, order)
      this.#change(deviceId, { status: 'completed', outcome })
    } catch (error) {
      this.#change(deviceId, { status: 'failed', outcome: this.#refusalOf(error) })
    }
  }

  #refusalOf(error: unknown): Extract<DeviceOutcome, { kind: 'refused' }> {
    if (error instanceof HubError) return { kind: 'refused', code: error.code, message: error.message }
    this.#options.onBug(error)
    return { kind: 'refused', code: 'ServerError', message: 'The local hub failed. This is a bug.' }
  }

  /** What comes after the end changes nothing. */
  #change(deviceId: string, change: DeviceChange): void {
    if (!this.#hasEnded()) this.#put(deviceId, change)
  }

  #put(deviceId: string, { status, isAsked, outcome }: DeviceChange): void {
    const { jobId, work } = this.#options.request
    const now = this.#now()
    const known = this.#devices.get(deviceId) ?? { createdAt: now, isAsked: false, startedAt: undefined }
    const isOver = status !== 'pending' && status !== 'running'
    const device: DeviceJob = {
      deviceId,
      jobId,
      jobType: work.type,
      status,
      isAsked: isAsked ?? known.isAsked,
      createdAt: known.createdAt,
      updatedAt: now,
      startedAt: known.startedAt ?? (status === 'running' ? now : undefined),
      endedAt: isOver ? now : undefined,
      outcome,
    }
    this.#devices.set(deviceId, device)
    this.#options.listener.device(device)
  }

  #become(change: Partial<JobState>): void {
    this.#state = { ...this.#state, ...change }
    this.#options.listener.job(this.#state)
  }

  #end(status: 'completed' | 'failed' | 'cancelled', failureReason?: string): void {
    if (this.#hasEnded()) return
    this.#become({ status, endedAt: this.#now(), failureReason })
    const left = [...this.devices].filter((device) => device.endedAt === undefined)
    for (const { deviceId } of left)
      this.#put(deviceId, { status: status === 'cancelled' ? 'canceled' : 'failed' })
    this.#ended.resolve(undefined)
  }

  #hasEnded(): boolean {
    return isFinal(this.#state.status)
  }

  #now(): number {
    return this.#options.hub.clock.now()
  }
}

interface DeviceChange {
  readonly status: DeviceJobStatus
  readonly isAsked?: boolean
  readonly outcome?: DeviceOutcome
}

function newState({ request, sequence }: JobRunOptions, now: number): JobState {
  return {
    request,
    sequence,
    createdAt: now,
    status: request.startAt > now ? 'scheduled' : 'queued',
    startedAt: undefined,
    endedAt: undefined,
    failureReason: undefined,
  }
}
