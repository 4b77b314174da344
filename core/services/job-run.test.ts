import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import { AppError } from '../../contract/errors.ts'
import type { JobOutcome } from '../ports/hub-jobs.ts'
import { jobOutcome as outcome } from '../testing/fake-jobs.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { actionId, deviceIds, never, Scene } from '../testing/scene.ts'
import { localHubId } from './hub-service.ts'

let scene: Scene

beforeEach(async () => {
  scene = new Scene()
  for (const name of ['a', 'b', 'c']) scene.hub.add(name, { reported: agentReport() })
  await scene.open()
  await scene.readFleet()
})
afterEach(() => scene.actions.close())

/** The hub does each job at once, and says this of its devices. */
function jobsEndWith(...outcomes: JobOutcome[]): void {
  scene.hub.jobs.onCreate = ({ jobId }) => scene.hub.jobs.set(jobId, { status: 'completed', outcomes })
}

const many = Array.from({ length: 50 }, (_, index) => `valve-${index}`)

const start = (parameters: ActionParameters = { kind: 'reboot' }, names = ['a', 'b'], startAt?: string) =>
  scene.begin({
    parameters,
    deviceIds: deviceIds(...names),
    engine: 'job',
    ...(startAt === undefined ? {} : { startAt }),
  })

describe('a job of the hub', () => {
  test('is asked for once, names its devices, and carries the action id and how long it holds', async () => {
    jobsEndWith(outcome('a', { status: 'failed' }), outcome('b', { status: 'failed' }))
    await start()
    await scene.end()
    const [job] = scene.hub.jobs.created
    expect(scene.hub.jobs.created).toHaveLength(1)
    expect(job).toMatchObject({
      jobId: 'action-1-1',
      condition: "deviceId IN ['a', 'b']",
      mostMs: 60_000,
      request: { methodName: 'reboot', payload: { actionId } },
    })
    expect(scene.hub.calls).toEqual([])
  })

  test('is in the journal before the hub is asked to make it', async () => {
    const order: string[] = []
    scene.journal.onAppend = ({ type }) => void order.push(type)
    scene.hub.jobs.onCreate = ({ jobId }) => {
      order.push('created')
      scene.hub.jobs.set(jobId, { status: 'cancelled' })
    }
    await start()
    await scene.end()
    expect(order.slice(0, 3)).toEqual(['action', 'job', 'created'])
  })

  test('leads to the same proof as a direct method', async () => {
    jobsEndWith(outcome('a'), outcome('b'))
    await start()
    for (const name of ['a', 'b']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    expect(await scene.end()).toMatchObject({ status: 'succeeded', engine: 'job', counts: { succeeded: 2 } })
    expect((await scene.targets()).get('a')?.evidence).toMatchObject({ kind: 'boot-id' })
  })

  test("tells each device's own failure apart", async () => {
    jobsEndWith(
      outcome('a', {
        status: 'failed',
        answer: undefined,
        error: { code: '404103', description: 'offline' },
      }),
      outcome('b', { answer: { status: 503, payload: { state: 'refused', reason: 'locked by its owner' } } }),
      outcome('c', { status: 'failed', answer: undefined, error: { code: '504101', description: 'late' } }),
    )
    await start({ kind: 'reboot' }, ['a', 'b', 'c'])
    await scene.end()
    const targets = await scene.targets()
    expect(targets.get('a')).toMatchObject({ status: 'failed', reason: { code: 'offline' } })
    expect(targets.get('b')).toMatchObject({ status: 'failed', reason: { code: 'locked' } })
    expect(targets.get('c')).toMatchObject({ status: 'unknown' })
  })

  test('that says nothing of a device leaves it unknown, never failed', async () => {
    scene.hub.add('b', { reported: { lastReboot: 'last year' } })
    await scene.desk.fleet.refresh(localHubId)
    await scene.readFleet()
    jobsEndWith(outcome('a', { status: 'failed' }))
    await start()
    await scene.end()
    expect((await scene.targets()).get('b')).toMatchObject({
      status: 'unknown',
      reason: { code: 'no-answer' },
    })
  })

  test('of a patch is proven by the twin', async () => {
    jobsEndWith(outcome('a', { answer: undefined }))
    scene.hub.add('a', { reported: agentReport(), desired: { rate: 5 }, version: 7 })
    await start({ kind: 'desired', patch: '{"rate":5}' }, ['a'])
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect((await scene.targets()).get('a')?.evidence).toMatchObject({ kind: 'twin', version: 7 })
  })

  test('that begins later is shown with its time, and its devices are not waiting for this app', async () => {
    const startAt = '2026-11-23T12:00:00.000Z'
    await start({ kind: 'reboot' }, ['a'], startAt)
    const held = await scene.summaryWhen(({ hold }) => hold !== undefined)
    expect(held).toMatchObject({ hold: { kind: 'scheduled', startAt }, counts: { sending: 1 } })
    expect(scene.hub.jobs.created[0]?.startAt.toISOString()).toBe(startAt)
    await scene.actions.cancel(actionId)
    await scene.end()
  })

  test('is cancelled on the hub, and what it had not begun with is cancelled', async () => {
    scene.hub.jobs.onCreate = ({ jobId }) =>
      scene.hub.jobs.set(jobId, { status: 'running', outcomes: [outcome('a', { status: 'failed' })] })
    await start()
    await scene.summaryWhen(({ counts }) => counts.unknown === 1)
    await scene.actions.cancel(actionId)
    expect(await scene.end()).toMatchObject({ counts: { cancelled: 1, unknown: 1 } })
    expect(scene.hub.jobs.jobs.get('action-1-1')?.status).toBe('cancelled')
  })

  test('that was cancelled while it asked a device leaves that device in doubt', async () => {
    scene.hub.jobs.onCreate = ({ jobId }) =>
      scene.hub.jobs.set(jobId, {
        status: 'cancelled',
        outcomes: [
          outcome('a', { status: 'canceled', answer: undefined }),
          outcome('b', { status: 'canceled', answer: undefined, hasBegun: false }),
        ],
      })
    await start()
    await scene.end()
    const targets = await scene.targets()
    expect(targets.get('a')).toMatchObject({ status: 'unknown', reason: { code: 'no-answer' } })
    expect(targets.get('b')).toMatchObject({ status: 'cancelled', reason: { code: 'stopped' } })
  })

  test('that has ended by itself when it is cancelled tells what it came to', async () => {
    scene.hub.jobs.onCreate = ({ jobId }) => scene.hub.jobs.set(jobId, { status: 'running' })
    scene.hub.jobs.cancel = (jobId) => {
      scene.hub.jobs.set(jobId, { status: 'completed', outcomes: [outcome('a'), outcome('b')] })
      return Promise.reject(new AppError('invalid-input', 'The job has ended.'))
    }
    await start()
    await scene.summaryWhen(({ counts }) => counts.sending === 2)
    await scene.actions.cancel(actionId)
    for (const name of ['a', 'b']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    const { counts, problem } = await scene.end()
    expect([counts.succeeded, problem]).toEqual([2, undefined])
  })

  test('is looked at no more often because its devices prove what they did', async () => {
    scene.hub.jobs.onCreate = ({ jobId }) =>
      scene.hub.jobs.set(jobId, {
        status: 'running',
        outcomes: many.map((name) => outcome(name)),
      })
    for (const name of [...many, 'last']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    await scene.desk.fleet.refresh(localHubId)
    await scene.readFleet()
    let looks = 0
    const { jobs } = scene.hub
    const read = jobs.read.bind(jobs)
    jobs.read = (jobId) => {
      looks += 1
      return read(jobId)
    }
    await start({ kind: 'reboot' }, [...many, 'last'])
    await scene.summaryWhen(({ counts }) => counts.succeeded === many.length)
    expect(looks).toBeLessThan(10)
    jobs.set('action-1-1', { status: 'completed', outcomes: [outcome('last', { status: 'failed' })] })
    await scene.summaryWhen(({ counts }) => counts.sending === 0)
  })

  test('cannot do the two steps of a factory reset', async () => {
    const confirmation = { count: 1, hubName: scene.desk.hubs.profile(localHubId).name }
    await scene.begin({
      parameters: { kind: 'factoryReset' },
      deviceIds: deviceIds('a'),
      engine: 'job',
      confirmation,
    })
    await scene.end()
    expect((await scene.targets()).get('a')).toMatchObject({
      status: 'failed',
      reason: { code: 'unsupported' },
    })
    expect(scene.hub.jobs.created).toEqual([])
  })
})

describe('a hub that is busy or out of reach', () => {
  test('is asked again later, and nobody fails', async () => {
    scene.hub.jobs.refusal = new AppError('throttled', 'The hub runs as many jobs as it may.')
    jobsEndWith(outcome('a'), outcome('b'))
    await start()
    for (const name of ['a', 'b']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.jobs.created).toHaveLength(1)
  })

  test('that refuses to make the job has asked nobody, and the action says why', async () => {
    scene.hub.jobs.refusal = new AppError('forbidden', 'The policy lacks a right.')
    await start()
    expect(await scene.end()).toMatchObject({
      status: 'failed',
      counts: { failed: 2 },
      problem: { code: 'forbidden' },
    })
    expect((await scene.targets()).get('a')).toMatchObject({ reason: { code: 'hub-refused' } })
  })

  test('that has made the job although its answer was lost is not asked for a second one', async () => {
    scene.hub.jobs.refusal = new AppError('timeout', 'No answer came back.')
    const create = scene.hub.jobs.create.bind(scene.hub.jobs)
    scene.hub.jobs.create = async (job) => {
      const isFirst = scene.hub.jobs.refusal !== undefined
      if (isFirst) {
        scene.hub.jobs.set(job.jobId, { status: 'completed', outcomes: [outcome('a'), outcome('b')] })
      }
      await create(job)
    }
    await start()
    for (const name of ['a', 'b']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.jobs.created).toHaveLength(0)
  })
})

describe('the next start of the app', () => {
  test('takes up the job that is going on, and makes no second one', async () => {
    scene.hub.jobs.onCreate = ({ jobId }) => scene.hub.jobs.set(jobId, { status: 'running' })
    await start()
    await scene.summaryWhen(({ counts }) => counts.sending === 2)
    await scene.actions.close()

    scene.hub.jobs.set('action-1-1', { status: 'completed', outcomes: [outcome('a'), outcome('b')] })
    for (const name of ['a', 'b']) scene.hub.add(name, { reported: rebootedReport(actionId) })
    await scene.open()
    await scene.readFleet()
    expect(await scene.end()).toMatchObject({ status: 'succeeded', counts: { succeeded: 2 } })
    expect(scene.hub.jobs.created).toHaveLength(1)
  })
})

describe('a job that somebody else has made', () => {
  const { signal } = new AbortController()

  test('is listed with what it does, and adopted with its devices', async () => {
    const request = {
      type: 'method' as const,
      methodName: 'blink',
      payload: { times: 3 },
      responseTimeoutMs: 30_000,
    }
    scene.hub.jobs.set('theirs', { status: 'completed', request, outcomes: [outcome('a'), outcome('b')] })
    const { jobs } = scene.desk
    expect(await jobs.list(localHubId, signal)).toMatchObject([{ jobId: 'theirs', methodName: 'blink' }])
    const adopted = await jobs.adopt(localHubId, 'theirs', never)
    expect(await scene.end()).toMatchObject({
      actionId: adopted.actionId,
      engine: 'job',
      parameters: { kind: 'method', methodName: 'blink', payload: '{"times":3}' },
      counts: { succeeded: 2 },
    })
    expect(await jobs.list(localHubId, signal)).toMatchObject([{ actionId: adopted.actionId }])
    await expect(jobs.adopt(localHubId, 'theirs', never)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('with an action id of our protocol is followed to its proof', async () => {
    const payload = { actionId: 'theirs-1', notAfter: '2026-11-23T12:00:00Z' }
    const request = { type: 'method' as const, methodName: 'reboot', payload, responseTimeoutMs: 30_000 }
    scene.hub.jobs.set('theirs', { status: 'completed', request, outcomes: [outcome('a')] })
    scene.hub.add('a', { reported: rebootedReport('theirs-1') })
    const { actionId: followed } = await scene.desk.jobs.adopt(localHubId, 'theirs', never)
    expect(followed).toBe('theirs-1')
    expect(await scene.end()).toMatchObject({ parameters: { kind: 'reboot' }, status: 'succeeded' })
  })

  test('cannot be adopted before the hub says which devices it has, nor once the hub has forgotten it', async () => {
    scene.hub.jobs.set('later', {})
    await expect(scene.desk.jobs.adopt(localHubId, 'later', never)).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(scene.desk.jobs.adopt(localHubId, 'gone', never)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
