import { beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { canary, CampaignScene, fleet, holding } from '../testing/campaign-scene.ts'
import { agentReport, FakeJournal } from '../testing/fakes.ts'
import { actionId, deviceIds, never, plainPolicy } from '../testing/scene.ts'

let scene: CampaignScene
beforeEach(() => {
  scene = new CampaignScene()
})

const decisions = (): string[] =>
  scene.journal.records.flatMap((record) => (record.type === 'campaign' ? [record.name] : []))

describe('waves', () => {
  test('go one after the other, and a wave begins when the one before has settled', async () => {
    await scene.openWith(fleet(9))
    const seen: [string, number][] = []
    scene.hub.onCall = ({ deviceId }) => {
      const { counts } = scene.desk.store.get(actionId).targets
      seen.push([deviceId, counts.succeeded])
    }
    await scene.campaign({ waves: canary }, ...fleet(9))
    const { progress } = await scene.end()
    expect(progress).toEqual({ wave: 3, waves: 3, devices: 4 })
    expect(seen[0]).toEqual(['pump-0', 0])
    expect(seen.slice(1, 5).every(([, succeeded]) => succeeded >= 1)).toBe(true)
    expect(seen.slice(5).every(([, succeeded]) => succeeded === 5)).toBe(true)
    expect((await scene.targets()).get('pump-7')).toMatchObject({ wave: 3 })
  })

  test('wait for a person where the gate asks for one', async () => {
    await scene.openWith(fleet(5))
    await scene.campaign({ waves: canary, gate: { soakMs: 0, needsApproval: true } }, ...fleet(5))
    await scene.summaryWhen(holding('approval'))
    expect(scene.asked).toEqual(['pump-0'])

    await scene.actions.approve(actionId)
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(scene.journal.records).toContainEqual(
      expect.objectContaining({ name: 'approve', by: 'kim', wave: 2 }),
    )
  })

  test('cannot be approved when no gate waits', async () => {
    await scene.openWith(fleet(1))
    await scene.campaign({}, ...fleet(1))
    await expect(scene.actions.approve(actionId)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('are held apart by the soak time', async () => {
    await scene.openWith(fleet(2))
    const times: number[] = []
    scene.hub.onCall = () => times.push(scene.clock.now().getTime())
    await scene.campaign({ waves: canary, gate: { soakMs: 3_600_000, needsApproval: false } }, ...fleet(2))
    await scene.end()
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(3_600_000)
  })

  test('stop where too few have succeeded, until a person lets the next one through all the same', async () => {
    await scene.openWith(fleet(9), ['pump-1', 'pump-2'])
    const gate = { successShare: 0.9, soakMs: 0, needsApproval: false }
    await scene.campaign({ waves: canary, gate }, ...fleet(9))
    const held = await scene.summaryWhen(holding('gate'))
    expect(held.hold).toEqual({ kind: 'gate', share: 0.6, needed: 0.9 })
    expect(scene.asked).toHaveLength(5)

    await scene.actions.approve(actionId)
    expect(await scene.end()).toMatchObject({ counts: { succeeded: 7, failed: 2 } })
  })
})

describe('the abort rule', () => {
  test('stops the next send at once, and says what it counted', async () => {
    await scene.openWith(fleet(500), fleet(500))
    const abort = { failureShare: 0.1, leastFinished: 5 }
    await scene.campaign({ abort, mostPerMinute: 600 }, ...fleet(500))
    const summary = await scene.end()
    expect(summary.abort).toMatchObject({ finished: 5, failed: 5 })
    expect(scene.asked).toHaveLength(5)
    expect(summary.counts).toMatchObject({ failed: 5, cancelled: 495 })
    expect((await scene.targets()).get('pump-499')).toMatchObject({ reason: { code: 'stopped' } })
  })

  test('does not count who is only in doubt, and counts who is lost for good', async () => {
    for (const name of fleet(4))
      scene.hub.add(name, { reported: agentReport(), answer: () => new AppError('timeout', 'No answer.') })
    await scene.open()
    await scene.readFleet()
    await scene.campaign(
      { waves: [{ unit: 'devices', count: 2 }], abort: { failureShare: 0, leastFinished: 2 } },
      ...fleet(4),
    )
    const doubt = await scene.summaryWhen(({ counts }) => counts.unknown === 2)
    expect(doubt.abort).toBeUndefined()
    const { counts, abort } = await scene.summaryWhen((summary) => summary.abort !== undefined)
    expect(abort).toMatchObject({ finished: 2, failed: 2 })
    expect(counts).toMatchObject({ unknown: 2, cancelled: 2 })
  })
})

describe('a person', () => {
  test('pauses, and nothing more is sent until somebody resumes', async () => {
    await scene.openWith(fleet(50))
    await scene.campaign({ mostPerMinute: 60 }, ...fleet(50))
    await scene.summaryWhen(({ counts }) => counts.succeeded >= 3)
    await scene.actions.pause(actionId)
    const before = scene.asked.length
    await scene.clock.wait(3_600_000)
    expect(scene.asked.length).toBe(before)
    expect(await scene.summaryWhen(() => true)).toMatchObject({
      hold: { kind: 'paused', by: 'kim' },
    })

    await scene.actions.resume(actionId, never)
    expect(await scene.end()).toMatchObject({ counts: { succeeded: 50 } })
    expect(decisions()).toEqual(['pause', 'resume'])
  })

  test('cannot pause twice, nor resume what is not on hold, nor pause what has ended', async () => {
    await scene.openWith(fleet(2))
    await scene.campaign({ mostPerMinute: 1 }, ...fleet(2))
    await expect(scene.actions.resume(actionId, never)).rejects.toMatchObject({ code: 'conflict' })
    await scene.actions.pause(actionId)
    await expect(scene.actions.pause(actionId)).rejects.toMatchObject({ code: 'conflict' })
    await scene.actions.resume(actionId, never)
    await scene.end()
    await expect(scene.actions.pause(actionId)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('cancels what was not sent, once', async () => {
    await scene.openWith(fleet(20))
    await scene.campaign({ mostPerMinute: 60 }, ...fleet(20))
    await scene.summaryWhen(({ counts }) => counts.succeeded >= 2)
    await scene.actions.cancel(actionId)
    await scene.actions.cancel(actionId)
    const { counts } = await scene.end()
    expect(counts.cancelled + scene.asked.length).toBe(20)
    expect(decisions()).toEqual(['cancel'])
  })

  test('tries the failed ones again, as a new action that names the old one', async () => {
    await scene.openWith(fleet(4), ['pump-2'])
    await scene.campaign({}, ...fleet(4))
    await scene.end()
    scene.addWilling('pump-2')
    const again = await scene.actions.retryFailed(actionId, never)
    const summary = await scene.summaryWhen(({ status }) => status !== 'running')
    expect(summary).toMatchObject({ actionId: again.actionId, retryOf: actionId, total: 1 })
  })

  test('has nothing to try again when nothing failed', async () => {
    await scene.openWith(fleet(1))
    await scene.campaign({}, ...fleet(1))
    await scene.end()
    await expect(scene.actions.retryFailed(actionId, never)).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('the pace', () => {
  test('is never faster than the policy allows', async () => {
    await scene.openWith(fleet(30))
    const times: number[] = []
    scene.hub.onCall = () => times.push(scene.clock.now().getTime())
    await scene.campaign({ mostPerMinute: 10 }, ...fleet(30))
    await scene.end()
    for (const from of times)
      expect(times.filter((time) => time >= from && time < from + 60_000).length).toBeLessThanOrEqual(11)
  })

  test('is the one of the tier that a person named', async () => {
    await scene.openWith(fleet(200))
    await scene.configure({ tier: { sku: 'S1', units: 1 } })
    const times: number[] = []
    scene.hub.onCall = () => times.push(scene.clock.now().getTime())
    await scene.campaign({}, ...fleet(200))
    await scene.end()
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    expect(seconds).toBeGreaterThan((200 - 20) / 40)
    expect(seconds).toBeLessThan((200 / 40) * 1.1)
  })
})

describe('the blast radius', () => {
  test('refuses more devices than the policy allows, before anything is written down', async () => {
    await scene.openWith(fleet(5))
    await expect(scene.campaign({ mostDevices: 4 }, ...fleet(5))).rejects.toMatchObject({ code: 'conflict' })
    expect(scene.journal.records).toEqual([])
  })

  test('of a factory reset is small, and wants the count and the name of the hub', async () => {
    await scene.openWith(fleet(11))
    const reset = { parameters: { kind: 'factoryReset' } as const }
    const confirmation = { count: 2, hubName: 'Local hub' }
    const two = deviceIds('pump-0', 'pump-1')
    await expect(scene.begin({ ...reset, deviceIds: two })).rejects.toMatchObject({ field: 'confirmation' })
    await expect(
      scene.begin({ ...reset, deviceIds: two, confirmation: { ...confirmation, hubName: 'Other' } }),
    ).rejects.toMatchObject({ field: 'confirmation' })
    await expect(
      scene.begin({
        ...reset,
        deviceIds: deviceIds(...fleet(11)),
        confirmation: { ...confirmation, count: 11 },
      }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect(scene.journal.records).toEqual([])
    await expect(scene.begin({ ...reset, deviceIds: two, confirmation })).resolves.toBeDefined()
  })
})

describe('after a crash in the middle of a campaign', () => {
  test('it comes back on hold, at the wave where it was, and goes on from there', async () => {
    await scene.openWith(fleet(9))
    await scene.campaign({ waves: canary, gate: { soakMs: 0, needsApproval: true } }, ...fleet(9))
    await scene.summaryWhen(holding('approval'))
    await scene.actions.approve(actionId)
    await scene.summaryWhen(({ hold, progress }) => hold?.kind === 'approval' && progress?.wave === 2)

    scene.journal = new FakeJournal(scene.journal.records)
    await scene.open()
    await scene.readFleet()
    expect(await scene.summaryWhen(() => true)).toMatchObject({
      hold: { kind: 'interrupted' },
      progress: { wave: 2, waves: 3 },
      policy: { ...plainPolicy, waves: canary, gate: { soakMs: 0, needsApproval: true } },
    })
    await scene.actions.resume(actionId, never)
    await scene.summaryWhen(holding('approval'))
    await scene.actions.approve(actionId)
    expect(await scene.end()).toMatchObject({ counts: { succeeded: 9 } })
    expect(scene.asked).toHaveLength(9)
  })
})
