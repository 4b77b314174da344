import type { DeviceId } from '../../contract/app/ids.ts'
import type { Reason } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { judgeJobError } from '../domain/job-plan.ts'
import type { Asking, KindRules } from '../domain/kinds/kind.ts'
import { reasonOfError } from '../domain/send-failure.ts'
import type { TargetEvent } from '../domain/target.ts'
import type { HubJobs, JobOutcome, JobStatus } from '../ports/hub-jobs.ts'
import type { ActionRecord } from './action-record.ts'

interface WatchParts {
  readonly jobId: string
  readonly action: ActionRecord
  readonly rules: KindRules
  readonly signal: AbortSignal
  readonly jobs: () => Promise<HubJobs>
  readonly asking: (deviceId: DeviceId) => Asking
  readonly record: (deviceId: DeviceId, event: TargetEvent) => Promise<void>
  /** Told when the job will begin, undefined once it has. */
  readonly show: (startAt: string | undefined) => void
  /** Waits for what passes by itself, and throws what does not. */
  readonly waitOut: (error: unknown) => Promise<void>
  /** Until the next look, which is soon unless the job has not begun, or until a person cancels. */
  readonly rest: (startAt: string | undefined) => Promise<void>
  readonly now: () => number
}

/** The outcomes of a job that has ended come to the query after a while. */
const patienceMs = 30_000

const hasNothingToCancel: ReadonlySet<string> = new Set(['invalid-input', 'conflict', 'not-found'])

const ended: ReadonlySet<JobStatus['status']> = new Set(['completed', 'failed', 'cancelled'])

/** Follows one job of the hub to its end, and tells what it says of each device. */
export class JobWatch {
  readonly #parts: WatchParts
  readonly #begun = new Set<string>()
  #startAt: string | undefined
  #endedAt: number | undefined
  #wasCancelled = false

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  /** Ends when the job has said something of every device, or will not any more. */
  async run(): Promise<void> {
    const { signal, rest, waitOut } = this.#parts
    while (!signal.aborted && this.#open().length > 0) {
      try {
        if (!(await this.#look())) return
        await rest(this.#startAt)
      } catch (error) {
        await waitOut(error)
      }
    }
  }

  /** The devices of which the job has not said anything yet. */
  #open(): DeviceId[] {
    const { action, jobId } = this.#parts
    const job = action.jobs.find((each) => each.jobId === jobId)
    return (job?.deviceIds ?? []).filter((id) => action.targets.statusOf(id) === 'sending')
  }

  /** Resolves with whether there is more to come. */
  async #look(): Promise<boolean> {
    const { jobId, signal } = this.#parts
    const jobs = await this.#parts.jobs()
    await this.#cancelIfAsked(jobs)
    const job = await jobs.read(jobId, signal)
    this.#show(job)
    if (job?.status !== 'scheduled') await this.#readOutcomes(jobs)
    if (!this.#isOver(job)) return true
    await this.#close(job)
    return false
  }

  async #cancelIfAsked(jobs: HubJobs): Promise<void> {
    const { action, jobId, signal } = this.#parts
    if (!action.campaign.hasStopped || this.#wasCancelled) return
    try {
      await jobs.cancel(jobId, signal)
    } catch (error) {
      // It has ended by itself, or never was: what the hub says of it decides.
      if (!(error instanceof AppError) || !hasNothingToCancel.has(error.code)) throw error
    }
    this.#wasCancelled = true
  }

  #show(job: JobStatus | undefined): void {
    this.#startAt = job?.status === 'scheduled' ? job.startAt : undefined
    this.#parts.show(this.#startAt)
  }

  #isOver(job: JobStatus | undefined): boolean {
    if (job && !ended.has(job.status)) return false
    const now = this.#parts.now()
    this.#endedAt ??= now
    return now - this.#endedAt >= patienceMs
  }

  async #readOutcomes(jobs: HubJobs): Promise<void> {
    const { action, jobId, signal, record } = this.#parts
    for await (const page of jobs.outcomes(jobId, signal)) {
      for (const outcome of page) {
        // Only a device of this action has a status here.
        const deviceId = outcome.deviceId as DeviceId
        if (action.targets.statusOf(deviceId) !== 'sending') continue
        if (outcome.hasBegun) this.#begun.add(deviceId)
        const event = this.#judge(deviceId, outcome)
        if (event) await record(deviceId, event)
      }
    }
  }

  #judge(deviceId: DeviceId, { status, answer, error }: JobOutcome): TargetEvent | undefined {
    if (status === 'pending' || status === 'running') return undefined
    if (status === 'canceled') return this.#cancelled(deviceId)
    if (status === 'failed') return judgeJobError(error ?? { code: 'unknown', description: '' })
    // The hub has done a patch; which version it made, the twin says.
    if (!answer) return { name: 'accept' }
    const { rules, asking, now } = this.#parts
    const at = new Date(now()).toISOString()
    const judged = rules.judgeAnswer({ type: 'method', ...answer, at }, asking(deviceId))
    return 'next' in judged ? { name: 'fail', reason: { code: 'unsupported' } } : judged
  }

  /** A job that is cancelled asks nobody more; whom it had turned to may have done it. */
  #cancelled(deviceId: DeviceId): TargetEvent {
    if (!this.#begun.has(deviceId)) return { name: 'skip', reason: { code: 'stopped' } }
    return { name: 'lose', reason: reasonOfError('no-answer', fault('job-cancelled')) }
  }

  /** The job has ended, and says nothing of these devices. */
  async #close(job: JobStatus | undefined): Promise<void> {
    const reason: Reason = job?.failure
      ? { code: 'no-answer', detail: job.failure }
      : reasonOfError('no-answer', fault('job-silent'))
    const lost: TargetEvent = { name: 'lose', reason }
    for (const deviceId of this.#open()) {
      const event = job?.status === 'cancelled' ? this.#cancelled(deviceId) : lost
      await this.#parts.record(deviceId, event)
    }
  }
}
