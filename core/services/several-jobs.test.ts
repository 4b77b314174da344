import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { NewJob } from '../ports/hub-jobs.ts'
import { jobOutcome, namedIn } from '../testing/fake-jobs.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { actionId, deviceIds, Scene } from '../testing/scene.ts'

/** More devices than one job can name. */
const names = Array.from({ length: 900 }, (_, index) => `pump-with-a-rather-long-name-${index}'s`)
let scene: Scene

beforeEach(async () => {
  scene = new Scene()
  for (const name of names) scene.hub.add(name, { reported: agentReport() })
  await scene.open()
  await scene.configure({ tier: { sku: 'S1', units: 1 } })
  await scene.readFleet()
})
afterEach(() => scene.actions.close())

const start = (startAt?: string) =>
  scene.begin({
    deviceIds: deviceIds(...names),
    engine: 'job',
    ...(startAt === undefined ? {} : { startAt }),
  })
const created = (): readonly NewJob[] => scene.hub.jobs.created
/** The journal knows of the last job a moment before the hub does. */
async function allMade(): Promise<void> {
  await scene.summaryWhen(({ counts }) => counts.waiting === 0)
  await new Promise(setImmediate)
  expect(created().flatMap(namedIn)).toHaveLength(900)
}
const refused = (job: NewJob): void =>
  scene.hub.jobs.set(job.jobId, {
    status: 'completed',
    outcomes: namedIn(job).map((name) => jobOutcome(name, { answer: { status: 501, payload: null } })),
  })
const notAfterOf = ({ request }: NewJob): number => {
  const payload = request.type === 'method' ? (request.payload as { notAfter: string }) : { notAfter: '' }
  return Date.parse(payload.notAfter)
}

test('each device is in one job, and no condition is longer than the hub takes', async () => {
  scene.hub.jobs.onCreate = refused
  await start()
  expect(await scene.end()).toMatchObject({ counts: { failed: 900 } })
  expect(created().length).toBeGreaterThan(3)
  expect(Math.max(...created().map(({ condition }) => condition.length))).toBeLessThan(7_600)
  expect(created().flatMap(namedIn).toSorted()).toEqual(names.toSorted())
})

test('all are made at once, and each begins when the one before it has had its time', async () => {
  const startAt = '2026-11-24T02:00:00.000Z'
  await start(startAt)
  await allMade()
  expect(created()[0]?.startAt.toISOString()).toBe(startAt)
  for (const [index, job] of created().slice(1).entries()) {
    const before = created()[index] as NewJob
    // Ten devices a second, and a minute for the last of them to answer.
    const least = (namedIn(before).length / 10) * 1000 + 60_000
    expect(job.startAt.getTime() - before.startAt.getTime()).toBeGreaterThanOrEqual(least)
    expect(notAfterOf(job) - job.startAt.getTime()).toBe(notAfterOf(before) - before.startAt.getTime())
  }
  const { hold } = await scene.summaryWhen((summary) => summary.hold !== undefined)
  expect(hold).toEqual({ kind: 'scheduled', startAt })
})

test('a later job is followed to its proofs like the first', async () => {
  await start()
  await allMade()
  for (const name of names) scene.hub.add(name, { reported: rebootedReport(actionId) })
  for (const job of created().toReversed())
    scene.hub.jobs.set(job.jobId, {
      status: 'completed',
      outcomes: namedIn(job).map((name) => jobOutcome(name)),
    })
  expect(await scene.end()).toMatchObject({ status: 'succeeded', counts: { succeeded: 900 } })
})

describe('a hub that takes no second job while one waits', () => {
  test('gets the next one when there is room, and the devices wait for that', async () => {
    const { jobs } = scene.hub
    const isBusy = (): boolean => [...jobs.jobs.values()].some(({ status }) => status === 'scheduled')
    const create = jobs.create.bind(jobs)
    jobs.create = (job) =>
      isBusy() ? Promise.reject(new AppError('throttled', 'The hub has a job.')) : create(job)
    await start('2026-11-23T12:00:00.000Z')
    const held = await scene.summaryWhen(({ hold }) => hold?.kind === 'throttled')
    expect(created()).toHaveLength(1)
    expect(held.counts.waiting).toBeGreaterThan(0)

    jobs.onCreate = refused
    refused(created()[0] as NewJob)
    expect(await scene.end()).toMatchObject({ counts: { failed: 900 } })
    expect(created().flatMap(namedIn).toSorted()).toEqual(names.toSorted())
  })

  test('has nothing to cancel of a job that it never made', async () => {
    const { jobs } = scene.hub
    const create = jobs.create.bind(jobs)
    jobs.create = (job) =>
      created().length > 0 ? Promise.reject(new AppError('throttled', 'Full.')) : create(job)
    await start('2026-11-23T12:00:00.000Z')
    await scene.summaryWhen(({ hold }) => hold?.kind === 'throttled')
    await scene.actions.cancel(actionId)
    expect(await scene.end()).toMatchObject({ status: 'cancelled', counts: { cancelled: 900 } })
    expect(created()).toHaveLength(1)
    expect(jobs.jobs.get('action-1-1')?.status).toBe('cancelled')
  })
})

test('a cancel reaches all of them before the next one begins', async () => {
  await start('2026-11-24T02:00:00.000Z')
  await allMade()
  await scene.actions.cancel(actionId)
  expect(await scene.end()).toMatchObject({ status: 'cancelled', counts: { cancelled: 900 } })
  expect(scene.clock.now().toISOString() < '2026-11-23T11:00:00').toBe(true)
  const statuses = [...scene.hub.jobs.jobs.values()].map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set(['cancelled']))
})
