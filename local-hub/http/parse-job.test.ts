import { describe, expect, test } from 'vitest'
import { toJsonObject } from '../hub/json.ts'
import { parseJob } from './parse-job.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const parse = (body: object, jobId = 'job-1') => parseJob(jobId, toJsonObject({ ...body }), now)
const method = {
  type: 'scheduleDeviceMethod',
  cloudToDeviceMethod: { methodName: 'reboot', payload: { a: 1 }, responseTimeoutInSeconds: 10 },
  queryCondition: '*',
}
const update = {
  type: 'scheduleUpdateTwin',
  updateTwin: { etag: '*', tags: { a: 1 }, properties: { desired: { b: 2 } } },
  queryCondition: "tags.site = 'x'",
}

describe('parseJob', () => {
  test('reads a method job as the SDK sends it', () => {
    expect(parse({ ...method, startTime: null })).toEqual({
      jobId: 'job-1',
      queryCondition: '*',
      work: {
        type: 'scheduleDeviceMethod',
        methodName: 'reboot',
        payload: '{"a":1}',
        responseTimeoutMs: 10_000,
      },
      document: method.cloudToDeviceMethod,
      startAt: now,
      maxExecutionMs: 3_600_000,
    })
  })

  test('reads a twin job with a start time and a maximum execution time', () => {
    const startTime = '2026-02-01T00:00:00.000Z'
    expect(parse({ ...update, startTime, maxExecutionTimeInSeconds: 5, jobId: 'job-1' })).toMatchObject({
      work: {
        type: 'scheduleUpdateTwin',
        change: { tags: { a: 1 }, desired: { b: 2 } },
        ifMatch: '*',
      },
      startAt: Date.parse(startTime),
      maxExecutionMs: 5000,
    })
  })

  test.each<[object, RegExp]>([
    [{ ...method, jobId: 'other' }, /jobId/],
    [{ ...method, queryCondition: '' }, /queryCondition/],
    [{ ...method, queryCondition: ['a'] }, /queryCondition/],
    [{ ...method, type: 'export' }, /type/],
    [{ ...method, cloudToDeviceMethod: null }, /cloudToDeviceMethod/],
    [{ ...method, cloudToDeviceMethod: { methodName: 'a/b' } }, /methodName/],
    [{ ...update, updateTwin: 'x' }, /updateTwin/],
    [{ ...update, updateTwin: { tags: 1 } }, /tags/],
    [{ ...method, startTime: 'soon' }, /startTime/],
    [{ ...method, maxExecutionTimeInSeconds: 0 }, /maxExecutionTimeInSeconds/],
    [{ ...method, maxExecutionTimeInSeconds: '60' }, /maxExecutionTimeInSeconds/],
  ])('%j is refused with a reason', (body, reason) => {
    expect(() => parse(body)).toThrow(reason)
  })

  test.each(['', 'a b', 'a_b', 'x'.repeat(65), 'ü'])('the job id %j is refused', (jobId) => {
    expect(() => parse(method, jobId)).toThrow(/job id/)
  })
})
