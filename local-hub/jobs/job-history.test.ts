import { beforeEach, expect, test } from 'vitest'
import type { Hub } from '../hub/hub.ts'
import { createLimits } from '../limits/limits.ts'
import { anyCollection } from '../query/collection.ts'
import { firstPage, runQuery } from '../query/run-query.ts'
import type { FakeClock } from '../testing/fake-clock.ts'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { createJobs } from './create-jobs.ts'
import { jobCollection } from './job-collection.ts'
import type { DeviceJob, JobRequest, JobState } from './job.ts'
import type { Jobs } from './jobs.ts'

const day = 24 * 60 * 60 * 1000
const all = { type: undefined, status: undefined } as const

let hub: Hub & { readonly clock: FakeClock }
let jobs: Jobs

beforeEach(() => {
  hub = newHub()
  jobs = createJobs(hub, createLimits(hub.clock, undefined), (error) => {
    throw error
  })
  addDevice(hub, 'a')
})

const request = (jobId: string, different: Partial<JobRequest> = {}): JobRequest => ({
  jobId,
  queryCondition: '*',
  work: { type: 'scheduleUpdateTwin', change: { tags: {} }, ifMatch: '*' },
  document: {},
  startAt: hub.clock.now(),
  maxExecutionMs: 60_000,
  ...different,
})
const listed = () => jobs.list(all).map(({ request: { jobId } }) => jobId)

/** A job of the past, as a folder brings it back. */
function restore(sequence: number, deviceCount: number): void {
  const jobId = `j${sequence}`
  const now = hub.clock.now()
  const times = { createdAt: now, startedAt: now, endedAt: now }
  const state: JobState = {
    ...{ request: request(jobId), sequence, status: 'completed', failureReason: undefined, ...times },
  }
  const device = (index: number): DeviceJob => ({
    ...{ deviceId: `d${index}`, jobId, jobType: 'scheduleUpdateTwin', status: 'completed' },
    ...{ isAsked: false, updatedAt: now, outcome: { kind: 'updated' }, ...times },
  })
  jobs.restore(
    state,
    Array.from({ length: deviceCount }, (_, index) => device(index)),
  )
}

test('a job is forgotten thirty days after its end, with what it did to each device', async () => {
  const forgotten: unknown[] = []
  jobs.onChange({
    job: () => undefined,
    device: () => undefined,
    forgotten: (...what) => forgotten.push(what),
  })
  jobs.schedule(request('old'))
  await expect.poll(() => jobs.get('old').status).toBe('completed')
  hub.clock.advance(30 * day - 1)
  expect([listed(), jobs.deviceJobs().length, forgotten]).toEqual([['old'], 1, []])
  hub.clock.advance(1)
  expect(() => jobs.get('old')).toThrow('not found')
  expect([listed(), jobs.deviceJobs().length]).toEqual([[], 0])
  expect(forgotten).toEqual([['old', ['a']]])
  // Its id is free, as if nobody had ever used it.
  expect(jobs.schedule(request('old')).sequence).toBe(2)
})

test('a job that waits for its time is never too old', () => {
  jobs.schedule(request('later', { startAt: hub.clock.now() + 300 * day }))
  hub.clock.advance(200 * day)
  expect(listed()).toEqual(['later'])
})

test('of more than a thousand jobs that are over the oldest are forgotten first', () => {
  jobs.schedule(request('open', { startAt: hub.clock.now() + day }))
  for (let sequence = 2; sequence <= 1_010; sequence += 1) {
    restore(sequence, 0)
    hub.clock.advance(1)
  }
  expect(listed()).toEqual(['open', ...Array.from({ length: 1_000 }, (_, index) => `j${index + 11}`)])
})

test('of more than 200,000 outcomes of devices the oldest jobs are forgotten first, and the newest never', () => {
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    restore(sequence, 80_000)
    hub.clock.advance(1)
  }
  expect(listed()).toEqual(['j2', 'j3'])
  restore(4, 200_001)
  expect(listed()).toEqual(['j4'])
}, 30_000)

test('more than 10,000 jobs that are not over are refused by name', () => {
  const later = { startAt: hub.clock.now() + day }
  for (let number = 0; number < 10_000; number += 1) jobs.schedule(request(`j${number}`, later))
  expect(() => jobs.schedule(request('one more', later))).toThrow(
    expect.objectContaining({ code: 'JobQuotaExceeded', number: 403003 }),
  )
  jobs.cancel('j0')
  jobs.schedule(request('one more', later))
})

test('the conditions of the documentation find what jobs did', async () => {
  jobs.schedule(request('j'))
  await expect.poll(() => jobs.get('j').status).toBe('completed')
  const where = [
    "devices.jobs.deviceId = 'a'",
    "devices.jobs.jobType = 'scheduleUpdateTwin'",
    "devices.jobs.status = 'completed'",
    "devices.jobs.createdTimeUtc > '2016-09-01'",
  ]
  const { items } = runQuery(`SELECT * FROM devices.jobs WHERE ${where.join(' AND ')}`, {
    collections: [anyCollection('devices.jobs', () => jobCollection(jobs.deviceJobs()))],
    pageSize: 10,
    cursor: firstPage,
  })
  expect(items).toMatchObject([{ deviceId: 'a', outcome: { deviceMethodResponse: null } }])
})
