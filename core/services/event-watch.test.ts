import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { Json } from '../domain/json.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { localHubId } from './hub-service.ts'
import { actionId, deviceIds, plainPolicy, Scene } from '../testing/scene.ts'

let scene: Scene

beforeEach(async () => {
  scene = new Scene()
  scene.hub.add('a', { reported: agentReport() })
  await scene.open()
  await scene.configure({ followEvents: true })
  await scene.readFleet()
})
afterEach(() => scene.actions.close())

const events = () => scene.hub.events
const report = (changes: { status?: string; actionId?: string } = {}): Json => ({
  iothubDM: {
    reboot: {
      actionId,
      ...{ status: 'completed', bootIdBefore: 'boot-a', bootIdAfter: 'boot-b' },
      ...changes,
    },
  },
})
const tell = (reported: Json, deviceId = 'a'): void =>
  events().tell({ kind: 'reported', deviceId, reported, version: 3 })

async function accepted(): Promise<void> {
  await scene.reboot('a')
  await scene.summaryWhen(({ counts }) => counts.working === 1)
}

describe("where the hub's own events may be read", () => {
  test('a proof that the hub tells is the end, and the twin need not be looked at', async () => {
    let looks = 0
    const readTwin = scene.hub.readTwin.bind(scene.hub)
    scene.hub.readTwin = (deviceId, signal) => {
      looks += 1
      return readTwin(deviceId, signal)
    }
    await accepted()
    tell(report())
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect((await scene.targets()).get('a')?.evidence).toMatchObject({
      kind: 'boot-id',
      bootIdAfter: 'boot-b',
    })
    expect(looks).toBe(0)
  })

  test('a device that says that it was cancelled there is cancelled, and nothing has failed', async () => {
    await accepted()
    tell(report({ status: 'cancelled' }))
    expect(await scene.end()).toMatchObject({ status: 'cancelled', counts: { failed: 0, cancelled: 1 } })
    const { reason } = (await scene.targets()).get('a') ?? {}
    expect(reason).toEqual({ code: 'cancelled-on-device' })
  })

  test("another action's report is no proof of this one", async () => {
    await accepted()
    tell(report({ actionId: 'another' }))
    tell({ iothubDM: 'nonsense' })
    tell(report(), 'somebody-else')
    scene.hub.add('a', { reported: rebootedReport(actionId) })
    await scene.end()
    expect((await scene.targets()).get('a')?.evidence).toMatchObject({ kind: 'boot-id' })
  })

  test('what is told about a device that is not there is not a mistake', async () => {
    await accepted()
    tell(report(), '')
    events().tell({ kind: 'connection', deviceId: 'b', isConnected: true })
    expect(scene.log.bugs).toEqual([])
  })

  test('the hub is listened to while something runs, and no longer', async () => {
    expect(events().listeners).toBe(0)
    await accepted()
    expect(events().listeners).toBe(1)
    tell(report())
    await scene.drain()
    expect(events().listeners).toBe(0)
  })

  test('a device that waits for its return is asked as soon as the hub says that it is back', async () => {
    scene.hub.add('late', { reported: agentReport(), connectionState: 'Disconnected' })
    await scene.desk.fleet.refresh(scene.desk.hubs.profile('local' as never).hubId)
    await scene.readFleet()
    await scene.campaign({ offline: { mode: 'wait', deliverBy: '2026-11-24T10:00:00.000Z' } }, 'late')
    await scene.summaryWhen(({ hold }) => hold?.kind === 'offline')
    scene.hub.add('late', { reported: rebootedReport(actionId) })
    events().tell({ kind: 'connection', deviceId: 'late', isConnected: true })
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(plainPolicy.offline.mode).toBe('fail')
  })
})

describe('until the hub is heard', () => {
  const names = Array.from({ length: 30 }, (_, number) => `pump-${number}`)

  beforeEach(async () => {
    await scene.configure({ followEvents: true, tier: { sku: 'S1', units: 1 } })
    for (const name of names) scene.addWilling(name)
    await scene.desk.fleet.refresh(localHubId)
    await scene.readFleet()
  })

  async function secondsUntilProven(): Promise<number> {
    const startedAt = scene.clock.now().getTime()
    await scene.begin({ deviceIds: deviceIds(...names), deadlineMs: 600_000 })
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    return (scene.clock.now().getTime() - startedAt) / 1000
  }

  test('nobody tells what happens, so it is looked for as soon as one listens', async () => {
    events().connected = scene.clock.wait(3_000)
    expect(await secondsUntilProven()).toBeLessThan(4)
  })

  test('one whose connection never comes is no reason to wait for it', async () => {
    events().connected = new Promise(() => undefined)
    expect(await secondsUntilProven()).toBeLessThan(30)
  })

  test('nor is one that refuses', async () => {
    events().refusal = new AppError('forbidden', 'The events may not be read.')
    expect(await secondsUntilProven()).toBeLessThan(30)
  })
})

describe('where they may not', () => {
  test('the twins tell the same', async () => {
    events().refusal = new AppError('unreachable', "The hub's own events cannot be read.")
    await accepted()
    scene.hub.add('a', { reported: rebootedReport(actionId) })
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(scene.log.warnings).toContain('events-not-read')
  })

  test('nobody tries without having been asked to', async () => {
    await scene.configure({})
    await accepted()
    expect(events().listeners).toBe(0)
    scene.hub.add('a', { reported: rebootedReport(actionId) })
    await scene.end()
  })
})
