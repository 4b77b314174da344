import type iothub from 'azure-iothub'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import type { HubJobs, JobOutcome, JobStatus, NewJob } from '../ports/hub-jobs.ts'
import { readJob, readJobs, readOutcomes } from './azure-job-shapes.ts'
import { refuseLoop } from './azure-paging.ts'
import { twinChange } from './azure-shapes.ts'

type JobClient = iothub.JobClient
type Registry = iothub.Registry

interface JobParts {
  readonly client: JobClient
  readonly registry: Registry
  /** Runs one exchange with a deadline, and translates what the SDK throws. */
  readonly call: <T>(signal: AbortSignal, ask: () => Promise<T>) => Promise<T>
}

/** The SDK puts the id into an address as it is. */
const safeJobId = /^[A-Za-z0-9_-]{1,128}$/
const pageSize = 1000

/** The jobs of one hub through `azure-iothub`. */
export class AzureHubJobs implements HubJobs {
  readonly #parts: JobParts

  constructor(parts: JobParts) {
    this.#parts = parts
  }

  async create({ jobId, request, condition, startAt, mostMs }: NewJob, signal: AbortSignal): Promise<void> {
    const { client, call } = this.#parts
    const mostSeconds = Math.ceil(mostMs / 1000)
    await call(signal, () => {
      if (request.type === 'patch') {
        const change = { etag: '*', ...twinChange(request.sections) }
        return client.scheduleTwinUpdate(jobId, condition, change, startAt, mostSeconds)
      }
      const { methodName, payload, responseTimeoutMs } = request
      const method = { methodName, payload, responseTimeoutInSeconds: Math.ceil(responseTimeoutMs / 1000) }
      return client.scheduleDeviceMethod(jobId, condition, method, startAt, mostSeconds)
    })
  }

  async read(jobId: string, signal: AbortSignal): Promise<JobStatus | undefined> {
    const { client, call } = this.#parts
    try {
      const found = await call<{ jobStatus: unknown }>(signal, () => client.getJob(checked(jobId)))
      return readJob(found.jobStatus)
    } catch (error) {
      if (error instanceof AppError && error.code === 'not-found') return undefined
      throw error
    }
  }

  async list(signal: AbortSignal): Promise<readonly JobStatus[]> {
    const { client, call } = this.#parts
    const query = client.createQuery(undefined, undefined, pageSize)
    const jobs: JobStatus[] = []
    const seen = new Set<string>()
    do {
      // Without the token as argument the SDK's promise form answers the first page for ever.
      const page = await call(signal, () => query.next(query.continuationToken))
      jobs.push(...readJobs(page.result))
      refuseLoop(seen, query.continuationToken)
    } while (query.hasMoreResults)
    return jobs
  }

  async cancel(jobId: string, signal: AbortSignal): Promise<void> {
    const { client, call } = this.#parts
    await call(signal, () => client.cancelJob(checked(jobId)))
  }

  async *outcomes(jobId: string, signal: AbortSignal): AsyncGenerator<readonly JobOutcome[]> {
    const { registry, call } = this.#parts
    const query = registry.createQuery(
      `SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${checked(jobId)}'`,
      pageSize,
    )
    const seen = new Set<string>()
    do {
      const page = await call(signal, () => query.next(query.continuationToken))
      yield readOutcomes(page.result)
      refuseLoop(seen, query.continuationToken)
    } while (query.hasMoreResults)
  }
}

function checked(jobId: string): string {
  if (safeJobId.test(jobId)) return jobId
  throw fault('job-name')
}
