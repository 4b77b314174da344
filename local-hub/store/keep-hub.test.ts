import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHub } from '../hub/hub.ts'
import { toJsonObject } from '../hub/json.ts'
import { twinView } from '../hub/twin-view.ts'
import { createJobs } from '../jobs/create-jobs.ts'
import type { JobRequest } from '../jobs/job.ts'
import { createLimits } from '../limits/limits.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { addDevice, connectFake } from '../testing/new-hub.ts'
import { ChangeLog } from './change-log.ts'
import { dataInFolder } from './data-in-folder.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-keep-'))
})

afterEach(() => rm(folder, { recursive: true }))

/** A hub without protocols on the folder. */
async function open({ queryLagMs = 0, clock = new FakeClock() } = {}) {
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  const data = await dataInFolder(folder, { hostName: undefined, onFailure })
  const hub = createHub({ clock, queryLagMs, durability: data.durability })
  const jobs = createJobs(hub, createLimits(clock, undefined), onFailure)
  data.keep({ hub, jobs })
  return { data, hub, jobs, clock, failures }
}

const message = {
  ...{ messageId: 'm', correlationId: undefined, userId: undefined, contentType: undefined },
  ...({ contentEncoding: undefined, acknowledgement: 'none', expiresAt: undefined } as const),
  properties: { kind: 'greeting' },
  body: Buffer.from([0, 255, 10]),
}

test('events survive where they were, and their numbers go on', async () => {
  const { hub, data } = await open()
  addDevice(hub, 'a')
  for (const text of ['one', 'two', '\u0000three']) {
    hub.telemetry.receive({ deviceId: 'a', body: Buffer.from(text), properties: { kind: text } })
  }
  const partition = hub.events.partitions.find((each) => each.nextSequenceNumber > 0)
  const before = [0, 1, 2].map((number) => partition?.at(number))
  const state = partition?.state()
  await data.close()

  const next = await open()
  const again = next.hub.events.partitions.find(({ id }) => id === partition?.id)
  expect([0, 1, 2].map((number) => again?.at(number))).toEqual(before)
  expect(again?.state()).toEqual(state)
  next.hub.telemetry.receive({ deviceId: 'a', body: Buffer.from('four') })
  expect(again?.at(3)).toMatchObject({ sequenceNumber: 3 })
  expect(again?.at(3)?.offset).toBeGreaterThan(before[2]?.offset ?? Infinity)
  await next.data.close()
})

test('feedback that nobody has taken survives, and what was taken does not come back', async () => {
  const { hub, data, clock } = await open()
  const feedback = (originalMessageId: string) => ({
    ...{ originalMessageId, deviceId: 'a', deviceGenerationId: 'g' },
    ...({ outcome: 'Success', at: clock.now() } as const),
  })
  for (let number = 0; number < 66; number += 1) hub.feedback.add(feedback(`m${number}`))
  hub.feedback.end(hub.feedback.lockBatch()?.lockToken ?? '')
  await data.close()

  const next = await open({ clock })
  next.hub.feedback.add(feedback('m66'))
  const batch = next.hub.feedback.lockBatch()
  expect(
    batch?.records.map((record) => (record as { originalMessageId?: string }).originalMessageId),
  ).toEqual(['m64', 'm65', 'm66'])
  await next.data.close()
})

test('events that were too many are not brought back', async () => {
  const { hub, data } = await open()
  addDevice(hub, 'a')
  const count = 10_050
  for (let number = 0; number < count; number += 1) {
    hub.telemetry.receive({ deviceId: 'a', body: Buffer.from(String(number)) })
  }
  const partition = hub.events.partitions.find((each) => each.nextSequenceNumber > 0)
  const first = partition?.firstSequenceNumber
  expect(first).toBe(50)
  await data.close()

  const next = await open()
  const again = next.hub.events.partitions.find(({ id }) => id === partition?.id)
  expect(again?.firstSequenceNumber).toBe(first)
  expect(again?.nextSequenceNumber).toBe(count)
  expect(again?.at(0)).toBeUndefined()
  await next.data.close()
})

test('devices, twins and their order survive, and nobody is connected', async () => {
  const { hub, data } = await open()
  for (const deviceId of ['b', 'a', 'c']) addDevice(hub, deviceId)
  hub.twins.change('a', { change: { tags: toJsonObject({ __proto__x: 1 }) }, mode: 'patch', ifMatch: '*' })
  hub.twins.report('a', toJsonObject({ list: [1, { n: 2 }] }))
  connectFake(hub, 'a')
  hub.registry.delete('b', '*')
  addDevice(hub, 'b')
  hub.registry.update('c', { status: 'disabled', statusReason: 'lost' }, '*')
  const before = [...hub.store.all()]
  await data.close()
  const next = await open()
  const views = next.hub.queryView.rows().map(({ record }) => twinView(record))
  expect(views).toEqual(
    before.map((record) =>
      twinView({ ...record, connectionState: 'Disconnected', lastActivityAt: undefined }),
    ),
  )
  expect(views.map(({ deviceId }) => deviceId)).toEqual(['a', 'c', 'b'])
  addDevice(next.hub, 'd')
  expect(next.hub.queryView.rows().at(-1)?.record.deviceId).toBe('d')
  await next.data.close()
})

test('that a device comes, goes and talks is not worth a write', async () => {
  const { hub, data } = await open()
  addDevice(hub, 'a')
  await hub.durability.settled()
  const link = connectFake(hub, 'a')
  hub.presence.noteActivity('a')
  link.disconnect()
  expect(hub.durability.settled()).toBeUndefined()
  hub.twins.report('a', toJsonObject({ n: 1 }))
  expect(hub.durability.settled()).toBeDefined()
  await data.close()
})

test('modules survive with who manages them, and go with their device', async () => {
  const { hub, data } = await open()
  for (const deviceId of ['a', 'b']) {
    addDevice(hub, deviceId)
    hub.modules.create({ deviceId, moduleId: 'm' }, { managedBy: 'IotEdge' })
  }
  hub.modules.update({ deviceId: 'a', moduleId: 'm' }, { managedBy: 'me' }, '*')
  hub.registry.delete('b', '*')
  const before = hub.modules.get({ deviceId: 'a', moduleId: 'm' })
  await data.close()
  const next = await open()
  expect(next.hub.modules.get({ deviceId: 'a', moduleId: 'm' })).toEqual(before)
  expect(next.hub.modules.rows()).toHaveLength(1)
  await next.data.close()
})

test('sessions survive with their subscriptions, and go with their device or when they are clean', async () => {
  const { hub, data } = await open()
  for (const deviceId of ['a', 'b', 'c']) {
    addDevice(hub, deviceId)
    hub.sessions.open(deviceId, false)
    hub.sessions.put(deviceId, new Set(['methods', 'cloudToDevice']))
  }
  hub.registry.delete('b', '*')
  hub.sessions.open('c', true)
  await data.close()
  const next = await open()
  const [a, b, c] = ['a', 'b', 'c'].map((key) => next.hub.sessions.open(key, false))
  expect(a).toEqual({ subscriptions: new Set(['methods', 'cloudToDevice']), isPresent: true })
  expect([b?.isPresent, c?.isPresent]).toEqual([false, false])
  await next.data.close()
})

test('messages for a device survive, with how often it has received them', async () => {
  const { hub, data } = await open()
  addDevice(hub, 'a')
  hub.cloudToDevice.send('a', message)
  hub.cloudToDevice.send('a', { ...message, messageId: 'second' })
  const locked = hub.cloudToDevice.lockNext('a')
  hub.cloudToDevice.send('a', { ...message, messageId: 'third' })
  const second = hub.cloudToDevice.lockNext('a')
  hub.cloudToDevice.settle('a', second?.lockToken ?? '', 'complete')
  await data.close()
  const next = await open()
  const [first, third] = [next.hub.cloudToDevice.lockNext('a'), next.hub.cloudToDevice.lockNext('a')]
  expect(first?.pending).toEqual({ ...locked?.pending, deliveryCount: 2 })
  expect(Buffer.from(first?.pending.message.body ?? []).equals(message.body)).toBe(true)
  expect(third?.pending.message.messageId).toBe('third')
  expect(next.hub.cloudToDevice.lockNext('a')).toBeUndefined()
  await next.data.close()
})

test('what was there is shown at once, although queries lag', async () => {
  const { hub, data } = await open({ queryLagMs: 60_000 })
  addDevice(hub, 'a')
  hub.modules.create({ deviceId: 'a', moduleId: 'm' }, { managedBy: undefined })
  expect(hub.queryView.rows()).toHaveLength(0)
  await data.close()
  const next = await open({ queryLagMs: 60_000 })
  expect([next.hub.queryView.rows().length, next.hub.modules.rows().length]).toEqual([1, 1])
  await next.data.close()
})

test('a job that was over stays over, and one that waits for its time begins when it comes', async () => {
  const { hub, jobs, data, clock } = await open()
  addDevice(hub, 'a')
  const request = (jobId: string, startAt: number): JobRequest => ({
    jobId,
    queryCondition: '*',
    work: { type: 'scheduleUpdateTwin', change: { tags: toJsonObject({ by: jobId }) }, ifMatch: '*' },
    document: {},
    startAt,
    maxExecutionMs: 60_000,
  })
  jobs.schedule(request('now', clock.now()))
  jobs.schedule(request('later', clock.now() + 1_000))
  await hub.durability.settled()
  const over = jobs.get('now')
  expect(over.status).toBe('completed')
  await data.close()
  const next = await open({ clock })
  expect(next.jobs.get('now')).toEqual(over)
  expect(next.hub.registry.get('a').twin.tags).toEqual({ by: 'now' })
  clock.advance(1_000)
  await expect.poll(() => next.jobs.get('later').status).toBe('completed')
  expect(next.hub.registry.get('a').twin.tags).toEqual({ by: 'later' })
  expect(next.jobs.deviceJobs().map(({ job }) => job.jobId)).toEqual(['now', 'later'])
  expect(next.failures).toEqual([])
  await next.data.close()
})

test('a job that is forgotten is not brought back, nor what it did', async () => {
  const { hub, jobs, data, clock } = await open()
  addDevice(hub, 'a')
  jobs.schedule({
    ...{ jobId: 'j', queryCondition: '*', document: {}, startAt: clock.now(), maxExecutionMs: 60_000 },
    work: { type: 'scheduleUpdateTwin', change: { tags: {} }, ifMatch: '*' },
  })
  await expect.poll(() => jobs.get('j').status).toBe('completed')
  clock.advance(30 * 24 * 60 * 60 * 1000)
  expect(jobs.deviceJobs()).toEqual([])
  await data.close()
  const log = await ChangeLog.open({ folder, onFailure: () => undefined })
  const kinds = [...log.kept.values()].map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind.toLowerCase().includes('job'))).toEqual([])
  await log.close()
})

test('the folder is for its owner only, and the lock for one hub', async () => {
  const { data } = await open()
  await expect(open()).rejects.toThrow(/Another hub is running/)
  await data.close()
  const again = await open()
  await again.data.close()
  const names = await readdir(folder)
  expect(names.toSorted()).toEqual(['hub-1.log', 'hub.lock'])
  // Windows has other means, which Node does not know.
  const modes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mode & 0o77))
  if (process.platform !== 'win32') expect(modes).toEqual([0, 0])
  expect(await readFile(join(folder, 'hub-1.log'), 'utf8')).toContain('"kind":"identity"')
})
