import { assertMethodName } from '../hub/direct-methods.ts'
import { invalid } from '../hub/hub-error.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { JobRequest, JobWork } from '../jobs/job.ts'
import { twinPatchOf } from './twin-routes.ts'

const usualSeconds = { execution: 3600, response: 30 }

/** Throws ArgumentInvalid. https://learn.microsoft.com/rest/api/iothub/service/jobs/create-scheduled-job */
export function parseJob(jobId: string, body: JsonObject, now: number): JobRequest {
  assertJobId(jobId)
  const { queryCondition, startTime = null } = body
  if (body['jobId'] !== undefined && body['jobId'] !== jobId)
    throw invalid('The jobId of the body should be the one of the path')
  if (typeof queryCondition !== 'string' || queryCondition.trim() === '')
    throw invalid('queryCondition should be a condition, or *')
  return {
    jobId,
    queryCondition,
    ...workOf(body),
    startAt: startTime === null ? now : timeOf(startTime),
    maxExecutionMs: secondsOf(body, 'maxExecutionTimeInSeconds', usualSeconds.execution) * 1000,
  }
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-jobs */
function assertJobId(jobId: string): void {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(jobId))
    throw invalid('A job id is 1 to 64 ASCII letters, digits and dashes')
}

function workOf(body: JsonObject): { work: JobWork; document: JsonObject } {
  switch (body['type']) {
    case 'scheduleDeviceMethod': {
      const document = documentOf(body, 'cloudToDeviceMethod')
      return { work: methodOf(document), document }
    }
    case 'scheduleUpdateTwin': {
      const document = documentOf(body, 'updateTwin')
      const { etag } = document
      const ifMatch = typeof etag === 'string' ? etag : '*'
      return { work: { type: 'scheduleUpdateTwin', change: twinPatchOf(document), ifMatch }, document }
    }
    default:
      throw invalid('type should be scheduleDeviceMethod or scheduleUpdateTwin')
  }
}

function documentOf(body: JsonObject, name: string): JsonObject {
  const document = body[name]
  if (isJsonObject(document)) return document
  throw invalid(`${name} should be an object`)
}

function methodOf(document: JsonObject): JobWork {
  const { methodName, payload = null } = document
  assertMethodName(methodName)
  const seconds = secondsOf(document, 'responseTimeoutInSeconds', usualSeconds.response)
  return {
    type: 'scheduleDeviceMethod',
    methodName,
    payload: JSON.stringify(payload),
    responseTimeoutMs: seconds * 1000,
  }
}

function secondsOf(body: JsonObject, name: string, usual: number): number {
  const seconds = body[name] ?? usual
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return seconds
  throw invalid(`${name} should be a positive number`)
}

function timeOf(value: JsonValue): number {
  const time = typeof value === 'string' ? Date.parse(value) : NaN
  if (Number.isNaN(time)) throw invalid('startTime should be a time in ISO 8601')
  return time
}
