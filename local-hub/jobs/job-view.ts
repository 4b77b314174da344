import type { JsonObject } from '../hub/json.ts'
import { formatTimestamp } from '../hub/timestamp.ts'
import type { DeviceJob, DeviceJobStatus, DeviceOutcome, Job } from './job.ts'

/** https://learn.microsoft.com/rest/api/iothub/service/jobs/get-scheduled-job#jobresponse */
export function jobView({ request, ...job }: Job): JsonObject {
  const documentName = request.work.type === 'scheduleDeviceMethod' ? 'cloudToDeviceMethod' : 'updateTwin'
  const count = (...statuses: readonly DeviceJobStatus[]) =>
    job.devices.filter(({ status }) => statuses.includes(status)).length
  return {
    jobId: request.jobId,
    type: request.work.type,
    status: job.status,
    queryCondition: request.queryCondition,
    [documentName]: request.document,
    createdTime: formatTimestamp(job.createdAt),
    startTime: formatTimestamp(job.startedAt ?? request.startAt),
    ...(job.endedAt === undefined ? {} : { endTime: formatTimestamp(job.endedAt) }),
    maxExecutionTimeInSeconds: request.maxExecutionMs / 1000,
    ...(job.failureReason === undefined ? {} : { failureReason: job.failureReason }),
    deviceJobStatistics: {
      deviceCount: job.devices.length,
      failedCount: count('failed', 'canceled'),
      succeededCount: count('completed'),
      runningCount: count('running'),
      pendingCount: count('pending'),
    },
  }
}

/** https://learn.microsoft.com/azure/iot-hub/query-jobs */
export function deviceJobView(job: DeviceJob): JsonObject {
  return {
    deviceId: job.deviceId,
    jobId: job.jobId,
    jobType: job.jobType,
    status: job.status,
    startTimeUtc: formatTimestamp(job.startedAt),
    endTimeUtc: formatTimestamp(job.endedAt),
    createdDateTimeUtc: formatTimestamp(job.createdAt),
    lastUpdatedDateTimeUtc: formatTimestamp(job.updatedAt),
    ...outcomeView(job.outcome),
  }
}

function outcomeView(outcome: DeviceOutcome | undefined): JsonObject {
  if (outcome === undefined) return {}
  if (outcome.kind === 'refused') return { error: { code: outcome.code, description: outcome.message } }
  const { kind, ...response } = outcome
  return { outcome: { deviceMethodResponse: kind === 'answered' ? response : null } }
}
