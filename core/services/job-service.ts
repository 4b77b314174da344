import type { NewAction } from '../../contract/app/action.ts'
import type { AppApi } from '../../contract/app/api.ts'
import { ActionId, DeviceId, type HubId } from '../../contract/app/ids.ts'
import { HubJob } from '../../contract/app/job.ts'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import { methodNames } from '../../contract/device/method.ts'
import { fault } from '../../contract/faults.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import type { HubRequest } from '../domain/hub-request.ts'
import type { HubJobs, JobStatus } from '../ports/hub-jobs.ts'
import type { ActionService } from './action-service.ts'
import type { ActionStore } from './action-store.ts'
import type { HubService } from './hub-service.ts'

interface JobTools {
  readonly hubs: HubService
  readonly store: ActionStore
  readonly actions: ActionService
  readonly userName: string
  readonly newActionId: () => ActionId
}

/** How long a device of an adopted job has to prove what it did. */
const deadlineMs = 30 * 60_000

/** What the window asks about the jobs that a hub has. */
export class JobService {
  readonly #tools: JobTools

  constructor(tools: JobTools) {
    this.#tools = tools
  }

  get handlers(): Handlers<AppApi>['jobs'] {
    return {
      list: ({ hubId }, signal) => this.list(hubId, signal),
      adopt: ({ hubId, jobId }, signal) => this.adopt(hubId, jobId, signal),
    }
  }

  /** The newest first. */
  async list(hubId: HubId, signal: AbortSignal): Promise<HubJob[]> {
    const jobs = await (await this.#jobs(hubId, signal)).list(signal)
    const followers = this.#followers(hubId)
    return jobs
      .map((job) => toHubJob(job, followers.get(job.jobId)))
      .sort((one, other) => (other.createdAt ?? '').localeCompare(one.createdAt ?? ''))
  }

  /** Errors: `not-found`, `conflict` for a job that is followed already or of which the hub says nothing yet. */
  async adopt(hubId: HubId, jobId: string, signal: AbortSignal): Promise<{ actionId: ActionId }> {
    const { hubs, store, actions, userName } = this.#tools
    if (this.#followers(hubId).has(jobId)) throw fault('job-followed')
    const jobs = await this.#jobs(hubId, signal)
    const job = await jobs.read(jobId, signal)
    if (!job) throw fault('job-unknown')
    const deviceIds = await devicesOf(jobs, jobId, signal)
    const { parameters, actionId = this.#tools.newActionId() } = this.#meaningOf(job)
    const { name, hostName } = hubs.profile(hubId)
    const action: NewAction = { hubId, name: jobId, parameters, deviceIds, deadlineMs, engine: 'job' }
    const record = await store.start(action, { actionId, hubName: name, hostName, by: userName })
    await store.startJob(actionId, jobId, deviceIds)
    actions.takeUp(record)
    return { actionId }
  }

  /** A job that asks for one of our own actions is followed to that action's proof, under the id that it carries. */
  #meaningOf({ request }: JobStatus): { parameters: ActionParameters; actionId?: ActionId | undefined } {
    if (!request) throw fault('job-unreadable')
    const actionId = carriedId(request)
    const isOurs = actionId !== undefined && !this.#isKnown(actionId)
    if (isOurs && request.type === 'method' && request.methodName === methodNames.reboot)
      return { parameters: { kind: 'reboot' }, actionId }
    return { parameters: plainParameters(request) }
  }

  #isKnown(actionId: ActionId): boolean {
    return this.#tools.store.summaries().some((summary) => summary.actionId === actionId)
  }

  #followers(hubId: HubId): Map<string, ActionId> {
    const actions = this.#tools.store.ofHub(hubId)
    return new Map(
      actions.flatMap(({ jobs, started }) =>
        jobs.map(({ jobId }): [string, ActionId] => [jobId, started.actionId]),
      ),
    )
  }

  async #jobs(hubId: HubId, signal: AbortSignal): Promise<HubJobs> {
    return (await this.#tools.hubs.gateway(hubId, signal)).jobs
  }
}

async function devicesOf(jobs: HubJobs, jobId: string, signal: AbortSignal): Promise<DeviceId[]> {
  const deviceIds: DeviceId[] = []
  for await (const page of jobs.outcomes(jobId, signal)) {
    for (const { deviceId } of page) {
      const read = DeviceId.safeParse(deviceId)
      if (read.success) deviceIds.push(read.data)
    }
  }
  if (deviceIds.length > 0) return deviceIds
  throw fault('job-not-begun')
}

function carriedId(request: HubRequest): ActionId | undefined {
  const payload = request.type === 'method' ? request.payload : undefined
  if (typeof payload !== 'object' || payload === null || !('actionId' in payload)) return undefined
  return ActionId.safeParse(payload['actionId']).data
}

function plainParameters(request: HubRequest): ActionParameters {
  if (request.type === 'patch') {
    const { tags, desired } = request.sections
    return tags
      ? { kind: 'tags', patch: JSON.stringify(tags) }
      : { kind: 'desired', patch: JSON.stringify(desired) }
  }
  const { methodName, payload, responseTimeoutMs } = request
  const timeoutMs = Math.min(300_000, Math.max(5_000, responseTimeoutMs))
  return { kind: 'method', methodName, payload: JSON.stringify(payload), responseTimeoutMs: timeoutMs }
}

function toHubJob(job: JobStatus, actionId: ActionId | undefined): HubJob {
  const { request, failure: _failure, ...rest } = job
  const methodName = request?.type === 'method' ? request.methodName : undefined
  const told = Object.entries({ ...rest, methodName, actionId }).filter(([, value]) => value !== undefined)
  return HubJob.parse(Object.fromEntries(told))
}
