import { beforeEach, describe, expect, test } from 'vitest'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { toJsonObject } from '../hub/json.ts'
import { createLimits } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import type { Tier } from '../limits/tier.ts'
import type { FakeClock } from '../testing/fake-clock.ts'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import type { FakeLink } from '../testing/new-hub.ts'
import { createJobs } from './create-jobs.ts'
import type { JobRequest, JobWork } from './job.ts'
import { deviceJobView, jobView } from './job-view.ts'
import type { Jobs } from './jobs.ts'

const bugs: unknown[] = []
const method: JobWork = {
  type: 'scheduleDeviceMethod',
  methodName: 'reboot',
  payload: 'null',
  responseTimeoutMs: 30_000,
}
const tagging: JobWork = {
  type: 'scheduleUpdateTwin',
  change: { tags: toJsonObject({ ring: 1 }) },
  ifMatch: '*',
}

let hub: Hub & { readonly clock: FakeClock }
let limits: Limits
let jobs: Jobs

beforeEach(() => {
  open(undefined)
})

function open(tier: Tier | undefined): void {
  bugs.length = 0
  hub = newHub()
  limits = createLimits(hub.clock, tier)
  jobs = createJobs(hub, limits, (error) => bugs.push(error))
  for (const deviceId of ['a', 'b', 'c']) addDevice(hub, deviceId)
}

const request = (jobId: string, different: Partial<JobRequest> = {}): JobRequest => ({
  jobId,
  queryCondition: '*',
  work: tagging,
  document: {},
  startAt: hub.clock.now(),
  maxExecutionMs: 60_000,
  ...different,
})

const answer = (link: FakeLink, deviceId: string, status = 202) => {
  const { requestId } = link.calls.at(-1) ?? { requestId: '' }
  hub.methods.answer(deviceId, requestId, { status, body: Buffer.from('{"ok":true}') })
}
const statusOf = (jobId: string) => jobs.get(jobId).status
const devicesOf = (jobId: string) =>
  Object.fromEntries(jobs.get(jobId).devices.map(({ deviceId, status }) => [deviceId, status]))
const statusBecomes = (jobId: string, status: string) => expect.poll(() => statusOf(jobId)).toBe(status)

/** All that promises still have to do has been done. */
const everythingSettled = () => new Promise((resolve) => setImmediate(resolve))

function refusalOf(work: () => unknown): HubError {
  try {
    work()
  } catch (error) {
    if (error instanceof HubError) return error
  }
  throw new Error('It should have been refused.')
}

describe('a job that updates twins', () => {
  test('changes the devices that meet the condition, and only those', async () => {
    jobs.schedule(request('j', { queryCondition: "deviceId IN ['a', 'c']" }))
    await statusBecomes('j', 'completed')
    expect(devicesOf('j')).toEqual({ a: 'completed', c: 'completed' })
    const tagsOf = (deviceId: string) => hub.registry.get(deviceId).twin.tags
    expect([tagsOf('a'), tagsOf('b'), tagsOf('c')]).toEqual([{ ring: 1 }, {}, { ring: 1 }])
    expect(limits.meter.counts().byKind.twinUpdate).toBe(2)
  })

  test('a device that refuses fails alone, with the reason', async () => {
    jobs.schedule(request('j', { work: { ...tagging, ifMatch: 'other' } }))
    await statusBecomes('j', 'completed')
    expect(devicesOf('j')).toEqual({ a: 'failed', b: 'failed', c: 'failed' })
    const [row] = jobs.deviceJobs()
    expect(row && deviceJobView(row.job)).toMatchObject({ error: { code: 'PreconditionFailed' } })
  })

  test('finds its devices when it starts, not when it is created', async () => {
    jobs.schedule(request('j', { startAt: hub.clock.now() + 10_000 }))
    expect(statusOf('j')).toBe('scheduled')
    addDevice(hub, 'd')
    hub.clock.advance(9_999)
    expect(statusOf('j')).toBe('scheduled')
    hub.clock.advance(1)
    await statusBecomes('j', 'completed')
    expect(Object.keys(devicesOf('j'))).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('a job that invokes a method', () => {
  test('collects the answers of devices, one that comes late included', async () => {
    const a = connectFake(hub, 'a')
    jobs.schedule(request('j', { work: method, queryCondition: "deviceId IN ['a', 'b']" }))
    await expect.poll(() => a.calls.length).toBe(1)
    answer(a, 'a')
    await expect.poll(() => devicesOf('j')).toEqual({ a: 'completed', b: 'running' })
    hub.clock.advance(30_000)
    const b = connectFake(hub, 'b')
    await expect.poll(() => b.calls.length).toBe(1)
    answer(b, 'b', 409)
    await statusBecomes('j', 'completed')
    expect(jobs.deviceJobs().map(({ job }) => deviceJobView(job))).toMatchObject([
      {
        deviceId: 'a',
        jobId: 'j',
        outcome: { deviceMethodResponse: { status: 202, payload: { ok: true } } },
      },
      { deviceId: 'b', outcome: { deviceMethodResponse: { status: 409 } } },
    ])
    expect(limits.meter.counts().byKind.directMethod).toBe(4)
  })

  test('fails at its maximum execution time, and asks no device after that', async () => {
    jobs.schedule(request('j', { work: method, queryCondition: "deviceId = 'a'" }))
    await expect.poll(() => devicesOf('j')).toEqual({ a: 'running' })
    hub.clock.advance(60_000)
    await statusBecomes('j', 'failed')
    expect(jobs.get('j').failureReason).toContain('maximum execution time')
    expect(devicesOf('j')).toEqual({ a: 'failed' })
    const late = connectFake(hub, 'a')
    await everythingSettled()
    expect(late.calls).toEqual([])
  })

  test('a device that is disabled fails at once', async () => {
    hub.registry.update('a', { status: 'disabled', statusReason: undefined }, '*')
    jobs.schedule(request('j', { work: method, queryCondition: "deviceId = 'a'" }))
    await statusBecomes('j', 'completed')
    expect(devicesOf('j')).toEqual({ a: 'failed' })
  })
})

describe('cancel', () => {
  test('ends a job, and a device that comes later is not asked', async () => {
    jobs.schedule(request('j', { work: method }))
    await expect.poll(() => devicesOf('j')).toEqual({ a: 'running', b: 'running', c: 'running' })
    expect(jobs.cancel('j').status).toBe('cancelled')
    expect(devicesOf('j')).toEqual({ a: 'canceled', b: 'canceled', c: 'canceled' })
    const late = connectFake(hub, 'a')
    await everythingSettled()
    expect(late.calls).toEqual([])
    expect(statusOf('j')).toBe('cancelled')
  })

  test('is final: an answer that comes later changes nothing', async () => {
    const a = connectFake(hub, 'a')
    jobs.schedule(request('j', { work: method, queryCondition: "deviceId = 'a'" }))
    await expect.poll(() => a.calls.length).toBe(1)
    jobs.cancel('j')
    answer(a, 'a')
    await everythingSettled()
    expect([statusOf('j'), devicesOf('j')]).toEqual(['cancelled', { a: 'canceled' }])
  })

  test('keeps a scheduled job from starting', () => {
    jobs.schedule(request('j', { startAt: hub.clock.now() + 1000 }))
    jobs.cancel('j')
    hub.clock.advance(5000)
    expect([statusOf('j'), devicesOf('j')]).toEqual(['cancelled', {}])
  })

  test('refuses a job that has ended, or is not there', async () => {
    jobs.schedule(request('j'))
    await statusBecomes('j', 'completed')
    expect(refusalOf(() => jobs.cancel('j')).code).toBe('ArgumentInvalid')
    expect(refusalOf(() => jobs.cancel('k')).number).toBe(404002)
  })
})

describe('the jobs of a tier', () => {
  test('a second active job is 429004 on S1, and passes once the first is cancelled', async () => {
    open({ name: 'S1', units: 1 })
    jobs.schedule(request('first', { work: method }))
    expect(refusalOf(() => jobs.schedule(request('second')))).toMatchObject({ status: 429, number: 429004 })
    // It waits for a device that is offline, and holds its place no longer than it lasts.
    await expect.poll(() => devicesOf('first')['a']).toBe('running')
    jobs.cancel('first')
    await expect
      .poll(() => {
        try {
          return jobs.schedule(request('third')).status
        } catch {
          return 'refused'
        }
      })
      .toBe('running')
  })

  test.each([
    ['S2', 5],
    ['S3', 10],
  ] as const)('%s has room for %d', (name, most) => {
    open({ name, units: 1 })
    for (let index = 0; index < most; index += 1) jobs.schedule(request(`j${index}`, { work: method }))
    expect(refusalOf(() => jobs.schedule(request('over'))).number).toBe(429004)
  })

  test('a job whose time comes while another runs waits for it', async () => {
    open({ name: 'S1', units: 1 })
    jobs.schedule(request('later', { startAt: hub.clock.now() + 1000 }))
    jobs.schedule(request('first', { work: method }))
    hub.clock.advance(1000)
    expect(statusOf('later')).toBe('queued')
    jobs.cancel('first')
    await expect.poll(() => statusOf('later')).toBe('running')
  })

  test('turns to ten devices a second on S1', async () => {
    open({ name: 'S1', units: 1 })
    jobs.schedule(request('j'))
    await expect.poll(() => devicesOf('j')).toEqual({ a: 'completed', b: 'pending', c: 'pending' })
    hub.clock.advance(100)
    await expect.poll(() => devicesOf('j')).toEqual({ a: 'completed', b: 'completed', c: 'pending' })
    hub.clock.advance(100)
    await statusBecomes('j', 'completed')
  })
})

describe('schedule', () => {
  test('refuses an id that is taken', () => {
    jobs.schedule(request('j'))
    expect(refusalOf(() => jobs.schedule(request('j')))).toMatchObject({
      status: 409,
      code: 'JobAlreadyExists',
    })
  })

  test.each(['tags.', "deviceId = 'a' GROUP BY tags.x", 'nonsense !'])(
    'refuses the condition %j, and remembers nothing of it',
    (queryCondition) => {
      expect(refusalOf(() => jobs.schedule(request('j', { queryCondition }))).status).toBe(400)
      expect(jobs.list({ type: undefined, status: undefined })).toEqual([])
    },
  )
})

test('jobs are listed by type and status, with their statistics', async () => {
  connectFake(hub, 'a')
  jobs.schedule(request('twins'))
  await statusBecomes('twins', 'completed')
  jobs.schedule(request('methods', { work: method }))
  const idsOf = (filter: Partial<Parameters<Jobs['list']>[0]>) =>
    jobs.list({ type: undefined, status: undefined, ...filter }).map(({ request: { jobId } }) => jobId)
  expect(idsOf({})).toEqual(['twins', 'methods'])
  expect(idsOf({ type: 'scheduleDeviceMethod' })).toEqual(['methods'])
  expect(idsOf({ status: 'completed' })).toEqual(['twins'])
  expect(idsOf({ type: 'scheduleDeviceMethod', status: 'completed' })).toEqual([])
  expect(jobView(jobs.get('twins'))).toMatchObject({
    jobId: 'twins',
    type: 'scheduleUpdateTwin',
    status: 'completed',
    maxExecutionTimeInSeconds: 60,
    deviceJobStatistics: {
      deviceCount: 3,
      succeededCount: 3,
      failedCount: 0,
      runningCount: 0,
      pendingCount: 0,
    },
  })
  expect(bugs).toEqual([])
})
