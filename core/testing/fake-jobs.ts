import { AppError } from '../../contract/errors.ts'
import type { HubJobs, JobOutcome, JobStatus, NewJob } from '../ports/hub-jobs.ts'

interface FakeJob extends JobStatus {
  readonly outcomes: readonly JobOutcome[]
}

/** The jobs of a hub, which do nothing until a test says what became of them. */
export class FakeJobs implements HubJobs {
  readonly jobs = new Map<string, FakeJob>()
  readonly created: NewJob[] = []
  /** Thrown by the next `create`. */
  refusal: AppError | undefined
  /** What becomes of a job as soon as it is created. */
  onCreate: (job: NewJob) => void = () => {}

  create(job: NewJob): Promise<void> {
    const { refusal } = this
    this.refusal = undefined
    if (refusal) return Promise.reject(refusal)
    if (this.jobs.has(job.jobId)) return Promise.reject(new AppError('conflict', 'The hub has this already.'))
    this.created.push(job)
    this.set(job.jobId, {
      request: job.request,
      condition: job.condition,
      startAt: job.startAt.toISOString(),
    })
    this.onCreate(job)
    return Promise.resolve()
  }

  /** What a job is now; what is left out stays as it was. */
  set(jobId: string, changes: Partial<FakeJob>): void {
    const before = this.jobs.get(jobId) ?? {
      jobId,
      type: 'scheduleDeviceMethod',
      status: 'scheduled',
      createdAt: '2026-11-23T10:00:00.000Z',
      startAt: undefined,
      endedAt: undefined,
      condition: '',
      request: undefined,
      devices: undefined,
      succeeded: undefined,
      failed: undefined,
      failure: undefined,
      outcomes: [],
    }
    this.jobs.set(jobId, { ...before, ...changes })
  }

  read(jobId: string): Promise<JobStatus | undefined> {
    return Promise.resolve(this.jobs.get(jobId))
  }

  list(): Promise<readonly JobStatus[]> {
    return Promise.resolve([...this.jobs.values()])
  }

  cancel(jobId: string): Promise<void> {
    this.set(jobId, { status: 'cancelled' })
    return Promise.resolve()
  }

  async *outcomes(jobId: string): AsyncGenerator<readonly JobOutcome[]> {
    yield await Promise.resolve(this.jobs.get(jobId)?.outcomes ?? [])
  }
}

/** What a job says of a device that has said yes. */
export function jobOutcome(deviceId: string, changes: Partial<JobOutcome> = {}): JobOutcome {
  return {
    ...{ deviceId, status: 'completed', hasBegun: true },
    ...{ answer: { status: 202, payload: null }, error: undefined },
    ...changes,
  }
}

/** The devices that a job is for. */
export function namedIn({ condition }: NewJob): string[] {
  return [...condition.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, name = '']) => name.replaceAll('\\', ''))
}
