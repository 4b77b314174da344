import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActionSummary } from '../../contract/app/action.ts'
import type { HubSettings } from '../../contract/app/hub.ts'
import { AppError } from '../../contract/errors.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { actionId, deviceIds, Scene } from '../testing/scene.ts'

let scene: Scene
const deadlineMs = 6 * 60_000
const billed: HubSettings = { tier: { sku: 'S1', units: 1 } }

beforeEach(() => (scene = new Scene()))
afterEach(() => scene.actions.close())

/** So many devices accept a reboot and say nothing more. */
async function silent(devices: number, settings: HubSettings = billed): Promise<void> {
  const names = Array.from({ length: devices }, (_, number) => `pump-${number}`)
  for (const name of names) scene.hub.add(name, { reported: agentReport() })
  await scene.open()
  await scene.configure(settings)
  await scene.readFleet()
  await scene.begin({ deviceIds: deviceIds(...names), deadlineMs })
}

const indexed = (): Promise<ActionSummary> => scene.summaryWhen((summary) => summary.indexed !== undefined)

describe("the count of the hub's index", () => {
  test('is a figure with its age beside the targets, and changes none of them', async () => {
    scene.hub.indexed = [{ status: 'completed', devices: 60 }]
    await silent(60)
    const { indexed: figure, counts, status } = await indexed()
    expect(figure?.statuses).toEqual([{ status: 'completed', devices: 60 }])
    expect(Date.parse(figure?.asOf ?? '')).toBeGreaterThan(0)
    expect([counts.working, counts.succeeded, status]).toEqual([60, 0, 'running'])
    expect(scene.hub.counted[0]).toEqual({ kind: 'reboot', actionId })
  })

  test('is gone with the end of the action, for then everything is known better', async () => {
    await silent(60)
    await indexed()
    for (const name of scene.hub.devices.keys()) scene.hub.add(name, { reported: rebootedReport(actionId) })
    expect((await scene.end()).indexed).toBeUndefined()
  })

  test('costs two queries a minute, whatever the number of devices', async () => {
    await silent(120)
    const startedAt = scene.clock.now().getTime()
    await scene.end()
    const minutes = (scene.clock.now().getTime() - startedAt) / 60_000
    expect(scene.hub.counted.length).toBeGreaterThan(minutes)
    expect(scene.hub.counted.length).toBeLessThanOrEqual(2 * minutes + 1)
  })

  test('that the hub does not give is no matter: the action ends as it would have', async () => {
    scene.hub.indexed = new AppError('throttled', 'The hub is at its limit.')
    await silent(60)
    expect(await scene.end()).toMatchObject({ status: 'unsettled', counts: { unknown: 60 } })
    expect(scene.log.warnings).toContain('index-count-failed')
    expect(scene.log.bugs).toEqual([])
  })

  test.each<[string, number, HubSettings]>([
    ['devices are so few that each is looked at', 20, billed],
    ['the hub tells by its events', 60, { ...billed, followEvents: true }],
    ['looks cost nothing', 60, {}],
  ])('is not asked for where %s', async (_, devices, settings) => {
    await silent(devices, settings)
    await scene.end()
    expect(scene.hub.counted).toEqual([])
  })
})
