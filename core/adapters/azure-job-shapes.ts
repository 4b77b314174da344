import { z } from 'zod'
import type { HubRequest } from '../domain/hub-request.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import type { JobOutcome, JobStatus } from '../ports/hub-jobs.ts'
import { strange } from './azure-shapes.ts'

/** JSON.parse made it, so it is JSON. */
const AnyJson = z.custom<Json>((value) => value !== undefined)
const AnyObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)
const text = (length: number) => z.string().transform((value) => value.slice(0, length))
const count = z.number().int().nonnegative().optional().catch(undefined)
const time = z.string().optional().catch(undefined)

const Method = z.object({
  methodName: text(100),
  payload: AnyJson.nullish(),
  responseTimeoutInSeconds: z.number().optional().catch(undefined),
})
const Update = z.object({
  tags: AnyObject.optional(),
  properties: z.object({ desired: AnyObject.optional() }).optional(),
})

const Job = z.object({
  jobId: z.string(),
  type: z.enum(['scheduleDeviceMethod', 'scheduleUpdateTwin']),
  status: z.enum(['pending', 'queued', 'scheduled', 'running', 'completed', 'failed', 'cancelled']),
  queryCondition: text(16_384).catch(''),
  createdTime: time,
  startTime: time,
  endTime: time,
  failureReason: text(1024).optional().catch(undefined),
  cloudToDeviceMethod: Method.optional().catch(undefined),
  updateTwin: Update.optional().catch(undefined),
  deviceJobStatistics: z
    .object({ deviceCount: count, succeededCount: count, failedCount: count })
    .optional()
    .catch(undefined),
})
type Job = z.infer<typeof Job>

const Outcome = z.object({
  deviceId: z.string(),
  startTimeUtc: time,
  // "scheduled" stands for a device whose turn has not come.
  status: z.enum(['pending', 'running', 'completed', 'failed', 'canceled']).catch('pending'),
  outcome: z
    .object({
      deviceMethodResponse: z.object({ status: z.number().int(), payload: AnyJson.nullish() }).nullish(),
    })
    .optional()
    .catch(undefined),
  error: z
    .object({ code: z.union([z.string(), z.number()]), description: text(1024).catch('') })
    .optional()
    .catch(undefined),
})

/** One job. Errors: `unexpected-answer`. */
export function readJob(value: unknown): JobStatus {
  const parsed = Job.safeParse(value)
  if (!parsed.success) throw strange('job')
  return toStatus(parsed.data)
}

/** A list of jobs; those of other kinds, such as imports, are left out. */
export function readJobs(value: unknown): JobStatus[] {
  if (!Array.isArray(value)) throw strange('list of jobs')
  return value.flatMap((each: unknown) => {
    const parsed = Job.safeParse(each)
    return parsed.success ? [toStatus(parsed.data)] : []
  })
}

/** A page of `devices.jobs`; a row that makes no sense is left out. */
export function readOutcomes(page: unknown): JobOutcome[] {
  if (!Array.isArray(page)) throw strange('list of outcomes')
  return page.flatMap((row: unknown) => {
    const parsed = Outcome.safeParse(row)
    if (!parsed.success) return []
    const { deviceId, startTimeUtc, status, outcome, error } = parsed.data
    const response = outcome?.deviceMethodResponse
    return [
      {
        deviceId,
        status,
        hasBegun: status === 'running' || instant(startTimeUtc) !== undefined,
        answer: response ? { status: response.status, payload: response.payload ?? null } : undefined,
        error: error && { code: String(error.code), description: error.description },
      },
    ]
  })
}

function toStatus(job: Job): JobStatus {
  return {
    jobId: job.jobId,
    type: job.type,
    status: job.status,
    createdAt: instant(job.createdTime),
    startAt: instant(job.startTime),
    endedAt: instant(job.endTime),
    condition: job.queryCondition,
    request: requestOf(job),
    devices: job.deviceJobStatistics?.deviceCount,
    succeeded: job.deviceJobStatistics?.succeededCount,
    failed: job.deviceJobStatistics?.failedCount,
    failure: job.failureReason,
  }
}

function requestOf({ cloudToDeviceMethod, updateTwin }: Job): HubRequest | undefined {
  if (cloudToDeviceMethod) {
    const { methodName, payload, responseTimeoutInSeconds = 30 } = cloudToDeviceMethod
    return {
      type: 'method',
      methodName,
      payload: payload ?? null,
      responseTimeoutMs: responseTimeoutInSeconds * 1000,
    }
  }
  if (updateTwin?.tags) return { type: 'patch', sections: { tags: updateTwin.tags } }
  const desired = updateTwin?.properties?.desired
  return desired && { type: 'patch', sections: { desired } }
}

/** The hub writes seven digits of a second, and year 1 for what has not happened. */
function instant(written: string | undefined): string | undefined {
  const at = written === undefined || written.startsWith('0001-') ? Number.NaN : Date.parse(written)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
