import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeDevice, connectDevice, handleMethod, openDevice } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openLocalHub } from './support/local-hub.ts'
import { openService, refusalOf, rowsOf } from './support/service.ts'
import type { Row, Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

interface JobStatus {
  readonly jobId: string
  readonly status: string
  readonly type: string
  readonly deviceJobStatistics?: Readonly<Record<string, number>>
}

const ended = ['completed', 'failed', 'cancelled']
const inAnHour = () => new Date(Date.now() + 3_600_000)
const newJobId = () => `conformance-${randomUUID()}`

async function jobOf(service: Service, jobId: string): Promise<JobStatus> {
  return (await service.jobs.getJob(jobId)).jobStatus as JobStatus
}

const ending = (service: Service, jobId: string) =>
  eventually(
    () => jobOf(service, jobId),
    ({ status }) => ended.includes(status),
    50_000,
  )

describe('JobClient', () => {
  let target: Target
  let service: Service
  let device: SdkDevice
  let condition: string

  beforeAll(async () => {
    target = await openTarget()
    service = openService(target.connectionString, target.agent)
  })

  afterAll(() => target.close())

  beforeEach(async () => {
    device = await connectDevice(target, service, `${target.prefix}job`)
    condition = `deviceId = '${device.deviceId}'`
    // Queries lag on a real hub, and so do the conditions of jobs.
    await eventually(
      () => rowsOf(service, `SELECT * FROM devices WHERE ${condition}`),
      (rows) => rows.length === 1,
    )
  })

  afterEach(async () => {
    await closeDevice(device.client)
    await service.registry.delete(device.deviceId)
  })

  const outcomesOf = (jobId: string): Promise<readonly Row[]> =>
    rowsOf(service, `SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${jobId}'`)

  test('scheduleDeviceMethod invokes the method, and devices.jobs has the answer of the device', async () => {
    await handleMethod(device.client, 'reboot', (payload) => ({
      status: 202,
      payload: { received: payload },
    }))
    const jobId = newJobId()
    const call = { methodName: 'reboot', payload: { a: 1 }, responseTimeoutInSeconds: 20 }
    const created = (await service.jobs.scheduleDeviceMethod(jobId, condition, call, new Date(), 120))
      .jobStatus as JobStatus
    expect([created.jobId, created.type]).toEqual([jobId, 'scheduleDeviceMethod'])
    expect(await ending(service, jobId)).toMatchObject({
      status: 'completed',
      deviceJobStatistics: { deviceCount: 1, succeededCount: 1, failedCount: 0 },
    })
    const rows = await eventually(
      () => outcomesOf(jobId),
      (found) => found.length === 1,
    )
    expect(rows).toMatchObject([
      {
        deviceId: device.deviceId,
        jobId,
        jobType: 'scheduleDeviceMethod',
        status: 'completed',
        outcome: { deviceMethodResponse: { status: 202, payload: { received: { a: 1 } } } },
      },
    ])
  })

  test('scheduleTwinUpdate changes tags and desired properties', async () => {
    const jobId = newJobId()
    const patch = { etag: '*', tags: { ring: 'canary' }, properties: { desired: { rate: 5 } } }
    await service.jobs.scheduleTwinUpdate(jobId, condition, patch, new Date(), 120)
    expect((await ending(service, jobId)).status).toBe('completed')
    const { responseBody } = await service.registry.getTwin(device.deviceId)
    expect(responseBody).toMatchObject({ tags: { ring: 'canary' }, properties: { desired: { rate: 5 } } })
  })

  test('cancelJob ends a job that is scheduled for later', async () => {
    const jobId = newJobId()
    await service.jobs.scheduleTwinUpdate(jobId, condition, { tags: { never: 1 } }, inAnHour(), 60)
    expect((await jobOf(service, jobId)).status).toBe('scheduled')
    await service.jobs.cancelJob(jobId)
    expect((await ending(service, jobId)).status).toBe('cancelled')
  })

  test('createQuery finds jobs by type and status', async () => {
    const jobId = newJobId()
    await service.jobs.scheduleTwinUpdate(jobId, condition, { tags: { a: 1 } }, inAnHour(), 60)
    const idsOf = async (type: string, status: string) => {
      // The SDK's types know statuses that the service does not have, and lack some that it has.
      const query = service.jobs.createQuery(type as never, status as never, 100)
      const { result } = (await query.next('')) as {
        result: JobStatus[]
      }
      return result.map((job) => job.jobId)
    }
    expect(await idsOf('scheduleUpdateTwin', 'scheduled')).toContain(jobId)
    expect(await idsOf('scheduleDeviceMethod', 'scheduled')).not.toContain(jobId)
    expect(await idsOf('scheduleUpdateTwin', 'completed')).not.toContain(jobId)
    await service.jobs.cancelJob(jobId)
  })

  test('an id that is taken is refused with 409, an unknown one with 404', async () => {
    const jobId = newJobId()
    const schedule = () =>
      service.jobs.scheduleTwinUpdate(jobId, condition, { tags: { a: 1 } }, inAnHour(), 60)
    await schedule()
    expect((await refusalOf(schedule())).status).toBe(409)
    await service.jobs.cancelJob(jobId)
    expect((await refusalOf(service.jobs.getJob(newJobId()))).status).toBe(404)
  })

  test('a condition with a mistake is refused with 400', async () => {
    const attempt = service.jobs.scheduleTwinUpdate(newJobId(), 'tags. =', { tags: { a: 1 } }, new Date(), 60)
    expect((await refusalOf(attempt)).status).toBe(400)
  })

  test.skipIf(localOnly)(
    localTitle('a device that comes online during the job is asked then', 'ownChoice'),
    async () => {
      await closeDevice(device.client)
      const jobId = newJobId()
      await service.jobs.scheduleDeviceMethod(jobId, condition, { methodName: 'late' }, new Date(), 60)
      await eventually(
        () => jobOf(service, jobId),
        ({ deviceJobStatistics }) => deviceJobStatistics?.['runningCount'] === 1,
      )
      const client = await openDevice(target, device.connectionString)
      await handleMethod(client, 'late', () => ({ status: 200 }))
      expect((await ending(service, jobId)).status).toBe('completed')
      expect(await outcomesOf(jobId)).toMatchObject([{ outcome: { deviceMethodResponse: { status: 200 } } }])
      await closeDevice(client)
    },
  )

  test('pages of jobs follow each other', async () => {
    const jobIds = [newJobId(), newJobId(), newJobId()]
    for (const jobId of jobIds)
      await service.jobs.scheduleTwinUpdate(jobId, condition, { tags: { a: 1 } }, inAnHour(), 60)
    const query = service.jobs.createQuery('scheduleUpdateTwin', 'scheduled', 1)
    const found: string[] = []
    do {
      // Without its token the SDK would ask for the first page for ever.
      const { result } = (await query.next(query.continuationToken)) as { result: JobStatus[] }
      found.push(...result.map(({ jobId }) => jobId))
    } while (query.hasMoreResults)
    expect(found.filter((jobId) => jobIds.includes(jobId))).toEqual(jobIds)
    for (const jobId of jobIds) await service.jobs.cancelJob(jobId)
  })
})

describe.skipIf(localOnly)(localTitle('jobs of tier S1', 'ownHub'), () => {
  test('a second active job is refused with the documented 429', async () => {
    const scene = await openLocalHub({ tier: { name: 'S1', units: 1 } })
    const { jobs, registry } = scene.service
    await registry.create({ deviceId: 'offline' })
    const schedule = (jobId: string) =>
      jobs.scheduleDeviceMethod(jobId, '*', { methodName: 'reboot' }, new Date(), 600)
    await schedule('first')
    const refusal = await refusalOf(schedule('second'))
    expect([refusal.name, refusal.status]).toEqual(['ThrottlingError', 429])
    expect(refusal.body).toContain('ThrottlingMaxActiveJobCountExceeded')
    await jobs.cancelJob('first')
    await schedule('third')
    await scene.close()
  })

  test('need RegistryWrite, and RegistryRead to look', async () => {
    const scene = await openLocalHub()
    const { registryRead } = scene.local.connectionStrings
    const { jobs } = openService(registryRead, scene.target.agent)
    expect((await jobs.createQuery().next('')) as object).toMatchObject({ result: [] })
    const attempt = jobs.scheduleDeviceMethod('j', '*', { methodName: 'reboot' }, new Date(), 600)
    expect((await refusalOf(attempt)).status).toBe(403)
    await scene.close()
  })
})
