import { beforeEach, describe, expect, test } from 'vitest'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { localHubId } from './hub-service.ts'
import { agentReport, FakeJournal, rebootedReport } from '../testing/fakes.ts'
import { actionId, deadlineMs, deviceIds, never, Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('after the app was ended in the middle', () => {
  const at = '2026-11-23T09:00:00.000Z'
  const started: JournalRecord = {
    type: 'action',
    at,
    actionId,
    parameters: { kind: 'reboot' },
    hubId: localHubId,
    hubName: 'Local hub',
    hostName: 'x',
    by: 'kim',
    deadlineMs,
    deviceIds: deviceIds('sent', 'not-sent'),
  }
  const sent: JournalRecord = { type: 'target', at, actionId, deviceId: DeviceId.parse('sent'), name: 'send' }

  test('what was sent is unknown, what was not sent waits for a person, and nothing is sent again', async () => {
    scene.journal = new FakeJournal([started, sent])
    await scene.open()
    await scene.readFleet()
    const result = await scene.targets()
    expect(result.get('sent')).toMatchObject({ status: 'unknown', reason: { code: 'interrupted' } })
    expect(result.get('not-sent')).toMatchObject({ status: 'waiting' })
    expect(await scene.summaryWhen(() => true)).toMatchObject({
      status: 'running',
      hold: { kind: 'interrupted' },
    })
    expect(scene.hub.calls).toEqual([])
  })

  test('the twin settles it as soon as the hub has been read', async () => {
    scene.journal = new FakeJournal([started, sent])
    scene.hub.add('sent', { reported: rebootedReport(actionId) })
    await scene.open()
    await scene.readFleet()
    const { counts } = await scene.summaryWhen((summary) => summary.counts.unknown === 0)
    expect(counts).toMatchObject({ succeeded: 1, waiting: 1 })
    expect(scene.hub.calls).toEqual([])
  })

  test('a person resumes: who was not asked is asked, and who may have been is asked under the same id', async () => {
    scene.journal = new FakeJournal([started, sent])
    scene.addWilling('sent')
    scene.addWilling('not-sent')
    await scene.open()
    await scene.readFleet()
    await scene.actions.resume(actionId, never)
    await scene.summaryWhen(({ status }) => status === 'succeeded')
    const ids = scene.hub.calls.map(({ payload }) => (payload as { actionId: string }).actionId)
    expect(ids).toEqual([actionId, actionId])
  })

  test('a person cancels: who was not asked is not asked any more', async () => {
    scene.journal = new FakeJournal([started, sent])
    await scene.open()
    await scene.actions.cancel(actionId)
    expect((await scene.targets()).get('not-sent')).toMatchObject({
      status: 'cancelled',
      reason: { code: 'stopped' },
    })
    const { hold, cancellation } = await scene.end()
    expect([hold, cancellation]).toEqual([undefined, { at: scene.clock.now().toISOString(), by: 'kim' }])
  })

  test('ended once more right after it was resumed, it can be resumed again', async () => {
    const interrupted: JournalRecord = { type: 'campaign', at, actionId, name: 'interrupt' }
    const aMomentAgo = '2026-11-23T09:59:59.000Z'
    const resumed: JournalRecord = { type: 'campaign', at: aMomentAgo, actionId, name: 'resume', by: 'kim' }
    const only: JournalRecord = { ...started, deviceIds: deviceIds('sent') }
    scene.journal = new FakeJournal([only, sent, interrupted, resumed])
    scene.addWilling('sent')
    await scene.open()
    expect(await scene.summaryWhen(() => true)).toMatchObject({ hold: { kind: 'interrupted' } })
    await scene.readFleet()
    await scene.actions.resume(actionId, never)
    await scene.summaryWhen(({ status }) => status === 'succeeded')
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('what a person has stopped stays stopped, although it is not known what became of it', async () => {
    const interrupted: JournalRecord = { type: 'campaign', at, actionId, name: 'interrupt' }
    const stopped: JournalRecord = { type: 'campaign', at, actionId, name: 'cancel', by: 'kim' }
    scene.journal = new FakeJournal([started, sent, interrupted, stopped])
    await scene.open()
    expect((await scene.end()).hold).toBeUndefined()
    expect(scene.journal.records).toHaveLength(4)
  })

  test('it says so once, however often the app is started', async () => {
    scene.journal = new FakeJournal([started, sent])
    await scene.open()
    await scene.open()
    expect(scene.journal.records.map(({ type }) => type)).toEqual(['action', 'target', 'campaign'])
  })
})

describe('a person', () => {
  test('sees a verdict for each device before anything is sent', async () => {
    scene.hub
      .add('ours', { reported: agentReport() })
      .add('tutorial')
      .add('away', { connectionState: 'Disconnected', reported: agentReport() })
      .add('off', { status: 'disabled' })
    await scene.open()
    await scene.readFleet()
    const asked = deviceIds('ours', 'tutorial', 'away', 'off', 'gone')
    const request = { hubId: localHubId, parameters: { kind: 'reboot' as const }, deviceIds: asked }
    const { verdicts } = await scene.preflights.preflight(request, never)
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'ready',
      'unprovable',
      'offline',
      'disabled',
      'missing',
    ])
    expect(scene.hub.calls).toEqual([])
  })

  test('can stop what was not sent yet', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `pump-${index}`)
    for (const name of names)
      scene.hub.add(name, { reported: agentReport(), connectionState: 'Disconnected' })
    await scene.start(...names)
    await scene.actions.cancel(actionId)
    const { counts } = await scene.end()
    expect(counts.cancelled).toBeGreaterThan(400)
    expect(counts.cancelled + scene.hub.calls.length).toBe(500)
  })

  test('can look again at what is unknown', async () => {
    scene.hub.add('pump-1', { reported: agentReport(), answer: () => new AppError('timeout', 'No answer.') })
    await scene.start('pump-1')
    await scene.end()
    expect(await scene.actions.checkAgain(actionId, never)).toEqual({ settled: 0 })
    scene.hub.add('pump-1', { reported: rebootedReport(actionId) })
    expect(await scene.actions.checkAgain(actionId, never)).toEqual({ settled: 1 })
    expect((await scene.targets()).get('pump-1')).toMatchObject({ status: 'succeeded' })
  })

  test('gets a clear word for an action that does not exist', async () => {
    await scene.open()
    await expect(scene.actions.cancel(ActionId.parse('none'))).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('two people at once', () => {
  test('cannot both start on one device: one is told that it is busy, and the device is asked once', async () => {
    scene.addWilling('pump-1')
    await scene.open()
    await scene.readFleet()
    const results = await Promise.allSettled([scene.reboot('pump-1'), scene.reboot('pump-1')])
    await scene.drain()
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(scene.hub.calls).toHaveLength(1)
  })
})

describe('what was not sent', () => {
  test('is left as it is when the app closes: it has not failed', async () => {
    scene.hub.add('meter-1')
    scene.hub.readTwin = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new AppError('cancelled', 'Cancelled.')))
      })
    await scene.start('meter-1')
    await scene.actions.close()
    expect((await scene.targets()).get('meter-1')).toMatchObject({ status: 'waiting' })
    expect(scene.hub.calls).toEqual([])
  })

  test('is not sent any more when its hub is removed', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `pump-${index}`)
    for (const name of names)
      scene.hub.add(name, { reported: agentReport(), connectionState: 'Disconnected' })
    await scene.start(...names)
    await scene.actions.cancelOnHub(localHubId)
    const { counts } = await scene.end()
    expect(counts.cancelled + scene.hub.calls.length).toBe(200)
    expect(counts.cancelled).toBeGreaterThan(100)
  })
})
