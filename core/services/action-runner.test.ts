import { beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { actionId, deadlineMs, never, Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('a reboot', () => {
  test('ends with the evidence of another boot id', async () => {
    scene.addWilling('pump-1')
    expect(await scene.outcomeOf('pump-1')).toMatchObject({
      status: 'succeeded',
      evidence: { kind: 'boot-id', bootIdBefore: 'boot-a', bootIdAfter: 'boot-b' },
    })
    expect(scene.log.bugs).toEqual([])
  })

  test('is in the journal before it is sent', async () => {
    scene.addWilling('pump-1')
    const before: JournalRecord[][] = []
    scene.hub.onCall = () => before.push([...scene.journal.records])
    await scene.outcomeOf('pump-1')
    expect(before).toHaveLength(1)
    expect(before[0]).toMatchObject([
      { type: 'action', by: 'kim', deviceIds: ['pump-1'] },
      { type: 'target', deviceId: 'pump-1', name: 'send' },
    ])
  })

  test('is asked for once, however long the device takes', async () => {
    scene.hub.add('pump-1', { reported: agentReport(), connectionState: 'Disconnected' })
    await scene.outcomeOf('pump-1')
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('of a device that never returns is unknown after the deadline, not failed and not succeeded', async () => {
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: () => {
        scene.hub.add('pump-1', { reported: agentReport(), connectionState: 'Disconnected' })
        return { status: 202, payload: null }
      },
    })
    const target = await scene.outcomeOf('pump-1')
    expect(target).toMatchObject({ status: 'unknown', reason: { code: 'did-not-return' } })
    expect(Date.parse(target?.changedAt ?? '') - Date.parse(target?.sentAt ?? '')).toBeGreaterThanOrEqual(
      deadlineMs,
    )
  })

  test('of an offline device has failed, and says that nothing ran', async () => {
    scene.hub.add('pump-1', {
      ...{ reported: agentReport(), connectionState: 'Disconnected' },
      answer: () => new AppError('device-offline', 'x'),
    })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({ status: 'failed', reason: { code: 'offline' } })
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('of a device that is connected and handles no methods says so, after one more try', async () => {
    scene.hub.add('pump-1', { reported: agentReport(), answer: () => new AppError('device-offline', 'x') })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({
      status: 'failed',
      reason: { code: 'no-handler' },
    })
    expect(scene.hub.calls).toHaveLength(2)
  })

  test('of a disabled device says that it is disabled: the hub has the same number for one that is gone', async () => {
    scene.hub.add('pump-1', {
      ...{ reported: agentReport(), status: 'disabled' },
      answer: () => new AppError('not-found', 'x'),
    })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({ status: 'failed', reason: { code: 'disabled' } })
  })

  test('of a device that is gone says so', async () => {
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: () => {
        scene.hub.devices.delete('pump-1')
        return new AppError('not-found', 'x')
      },
    })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({ status: 'failed', reason: { code: 'not-found' } })
  })

  test('whose answer was lost is settled by what the twin proves', async () => {
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: () => {
        scene.hub.add('pump-1', { reported: rebootedReport(actionId) })
        return new AppError('timeout', 'No answer.')
      },
    })
    await scene.start('pump-1')
    await scene.summaryWhen(({ status }) => status === 'succeeded')
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('whose request was lost is asked for again, under the same id, until the device is reached', async () => {
    let requests = 0
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: () => {
        requests += 1
        if (requests < 3) return new AppError('unexpected-answer', 'HTTP 503')
        scene.hub.add('pump-1', { reported: rebootedReport(actionId) })
        return { status: 202, payload: null }
      },
    })
    await scene.start('pump-1')
    await scene.summaryWhen(({ status }) => status === 'succeeded')
    const sentIds = scene.hub.calls.map(({ payload }) => (payload as { actionId: string }).actionId)
    expect(sentIds).toEqual([actionId, actionId, actionId])
    expect(
      scene.journal.records.filter(
        (record) => record.type === 'target' && ['send', 'ask'].includes(record.name),
      ),
    ).toHaveLength(3)
  })

  test('that was asked for again while the device was away is not called a failure: the first time may have run', async () => {
    let requests = 0
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: () => {
        requests += 1
        return new AppError(requests === 1 ? 'timeout' : 'device-offline', 'x')
      },
    })
    await scene.start('pump-1')
    await scene.drain()
    expect((await scene.targets()).get('pump-1')).toMatchObject({
      status: 'unknown',
      reason: { code: 'no-answer' },
    })
    // At once, and after 3, 9, 21 and 45 seconds; the next would be after the deadline.
    expect(requests).toBe(5)
  })

  test('is not asked for again once something newer was started on the device: it would reboot twice', async () => {
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: ({ payload }) => {
        const { actionId: id } = payload as { actionId: string }
        if (id === actionId) return new AppError('timeout', 'No answer.')
        scene.hub.add('pump-1', { reported: rebootedReport(id) })
        return { status: 202, payload: null }
      },
    })
    await scene.start('pump-1')
    await scene.summaryWhen(({ status }) => status === 'unsettled')
    await scene.reboot('pump-1')
    await scene.drain()
    const sentIds = scene.hub.calls.map(({ payload }) => (payload as { actionId: string }).actionId)
    expect(sentIds).toEqual(['action-1', 'action-2'])
  })

  test('of a tutorial device is never asked for twice: it would reboot twice', async () => {
    scene.hub.add('meter-1', { answer: () => new AppError('timeout', 'No answer.') })
    await scene.start('meter-1')
    await scene.drain()
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('whose answer was lost for good stays unknown', async () => {
    scene.hub.add('pump-1', { reported: agentReport(), answer: () => new AppError('timeout', 'No answer.') })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({
      status: 'unknown',
      reason: { code: 'no-answer' },
    })
  })

  test('waits and goes on where the hub is at its limit, and nobody fails', async () => {
    let refusals = 0
    scene.addWilling('pump-1')
    const { answer } = scene.hub.devices.get('pump-1') ?? {}
    scene.hub.add('pump-1', {
      reported: agentReport(),
      answer: (call) => {
        refusals += 1
        if (refusals <= 3) return new AppError('throttled', 'x', { retryAfterMs: 5_000 })
        return answer?.(call) ?? new AppError('internal', 'x')
      },
    })
    expect(await scene.outcomeOf('pump-1')).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.calls).toHaveLength(4)
  })

  test('of a tutorial device is sent as the tutorial does, and is never called proven', async () => {
    scene.hub.add('meter-1', {
      answer: () => {
        scene.hub.add('meter-1', {
          connectionState: 'Disconnected',
          reported: { iothubDM: { reboot: { lastReboot: 'now' } } },
        })
        return { status: 200, payload: 'Reboot started' }
      },
    })
    const outcome = await scene.outcomeOf('meter-1')
    expect(scene.hub.calls).toMatchObject([{ methodName: 'reboot', payload: null }])
    expect(outcome).toMatchObject({
      status: 'unknown',
      reason: { code: 'not-provable' },
      evidence: { lastReboot: 'now' },
    })
  })

  test('stands still at a key that the hub refuses: nobody fails, and it goes on with a new key', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `pump-${index}`)
    for (const name of names) scene.addWilling(name)
    let isRefused = true
    let refusals = 0
    const invoke = scene.hub.invokeMethod.bind(scene.hub)
    scene.hub.invokeMethod = (call) => {
      if (!isRefused) return invoke(call)
      refusals += 1
      return Promise.reject(new AppError('unauthorized', 'Wrong key.'))
    }
    await scene.start(...names)
    const halted = await scene.summaryWhen(({ counts }) => counts.sending === 0)
    expect(halted).toMatchObject({
      status: 'running',
      hold: { kind: 'halted' },
      problem: { code: 'unauthorized' },
      counts: { waiting: 60, failed: 0, unknown: 0 },
    })
    expect(refusals).toBeLessThanOrEqual(32)

    isRefused = false
    await scene.actions.resume(actionId, never)
    const { counts, problem } = await scene.end()
    expect(counts.succeeded).toBe(60)
    expect(problem).toBeUndefined()
    expect(new Set(scene.hub.calls.map(({ deviceId }) => deviceId)).size).toBe(60)
    expect(scene.hub.calls).toHaveLength(60)
  })

  test('waits while the hub cannot be reached, and fails nobody', async () => {
    scene.addWilling('pump-1')
    const invoke = scene.hub.invokeMethod.bind(scene.hub)
    const reachableAt = scene.clock.now().getTime() + 600_000
    scene.hub.invokeMethod = (call) =>
      scene.clock.now().getTime() < reachableAt
        ? Promise.reject(new AppError('unreachable', 'No route.'))
        : invoke(call)
    await scene.start('pump-1')
    const waiting = await scene.summaryWhen(({ hold }) => hold?.kind === 'unreachable')
    expect(waiting.problem).toMatchObject({ code: 'unreachable', message: 'No route.' })
    const ended = await scene.end()
    expect(ended).toMatchObject({ status: 'succeeded' })
    expect(ended.problem).toBeUndefined()
    expect(scene.hub.calls).toHaveLength(1)
  })

  test('is not sent when the journal cannot be written', async () => {
    scene.addWilling('pump-1')
    scene.journal.onAppend = (record) => {
      if (record.type === 'target') throw new AppError('internal', 'The disk is full.')
    }
    await scene.start('pump-1')
    const { problem } = await scene.summaryWhen((summary) => summary.problem !== undefined)
    expect(scene.hub.calls).toEqual([])
    expect(problem?.message).toBe('The disk is full.')
  })

  test('cannot start on a device that is busy with another action', async () => {
    scene.hub.add('pump-1', { reported: agentReport() })
    await scene.start('pump-1')
    await expect(scene.reboot('pump-1')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a hub at its limit while a twin is read', () => {
  test('fails nobody either', async () => {
    let reads = 0
    const readTwin = scene.hub.readTwin.bind(scene.hub)
    scene.hub.readTwin = (deviceId) => {
      reads += 1
      return reads === 1
        ? Promise.reject(new AppError('throttled', 'x', { retryAfterMs: 5_000 }))
        : readTwin(deviceId)
    }
    scene.hub.add('meter-1', {
      connectionState: 'Disconnected',
      answer: () => new AppError('device-offline', 'x'),
    })
    expect(await scene.outcomeOf('meter-1')).toMatchObject({ status: 'failed', reason: { code: 'offline' } })
  })
})
