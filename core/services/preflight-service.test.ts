import { beforeEach, expect, test } from 'vitest'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Preflight } from '../../contract/app/preflight.ts'
import { agentReport } from '../testing/fakes.ts'
import { deviceIds, never, plainPolicy, Scene } from '../testing/scene.ts'
import { localHubId } from './hub-service.ts'

let scene: Scene
beforeEach(async () => {
  scene = new Scene()
  scene.hub
    .add('pump-1', { reported: agentReport(), tags: { site: { rack: 'r1' } } })
    .add('pump-2', { reported: agentReport(), tags: { site: { rack: 'r1' } } })
    .add('away', { reported: agentReport(), connectionState: 'Disconnected' })
    .add('meter', {})
  await scene.open()
  await scene.configure({ tier: { sku: 'S1', units: 1 }, redundancyTag: 'site.rack' })
  await scene.readFleet()
})

const preflight = (parameters: ActionParameters, ...names: string[]): Promise<Preflight> =>
  scene.preflights.preflight({ hubId: localHubId, parameters, deviceIds: deviceIds(...names) }, never)

test('the estimate is of those who would be asked', async () => {
  expect((await preflight({ kind: 'reboot' }, 'pump-1', 'pump-2', 'away')).estimate).toMatchObject({
    messages: 8,
  })
  const request = {
    ...{ hubId: localHubId, parameters: { kind: 'reboot' as const }, deviceIds: deviceIds('pump-1', 'away') },
    policy: { ...plainPolicy, offline: { mode: 'wait' as const, deliverBy: '2027-01-01T00:00:00.000Z' } },
  }
  const { estimate } = await scene.preflights.preflight(request, never)
  expect(estimate.messages).toBe(8)
})

test('a device without our agent costs one look more', async () => {
  expect((await preflight({ kind: 'reboot' }, 'meter')).estimate.messages).toBe(5)
})

test('devices that stand in for each other are named by the tag that the person has said', async () => {
  expect((await preflight({ kind: 'reboot' }, 'pump-1', 'pump-2')).warnings).toEqual([
    { kind: 'redundancy', value: 'r1', devices: 2, of: 2 },
  ])
})

test('a large payload costs its blocks', async () => {
  const method = { kind: 'method', methodName: 'x', responseTimeoutMs: 5_000 } as const
  const payload = JSON.stringify('x'.repeat(9_000))
  expect((await preflight({ ...method, payload }, 'pump-1')).estimate.messages).toBe(4)
})

test('what a device keeps is said for a factory reset, and a wiped identity is warned of', () => {
  const agent = { ...{ version: '1', bootId: 'b', actions: ['factoryReset'] }, keepsOnReset: ['network'] }
  scene.hub.add('pump-3', { reported: { iothubDM: { agent } } })
  return scene.desk.fleet.refresh(localHubId).then(async () => {
    await scene.open()
    await scene.readFleet()
    const { verdicts, warnings } = await preflight({ kind: 'factoryReset' }, 'pump-3')
    expect(verdicts).toEqual([{ deviceId: 'pump-3', verdict: 'ready', keeps: ['network'] }])
    expect(warnings).toEqual([{ kind: 'identity-wiped', devices: 1 }])
    expect((await preflight({ kind: 'reboot' }, 'pump-3')).verdicts[0]).not.toHaveProperty('keeps')
  })
})

test('a job has its own pace and costs, and more devices than one can name are said to need several', async () => {
  const names = Array.from({ length: 900 }, (_, index) => `a-device-with-a-long-name-${index}`)
  for (const name of names) scene.hub.add(name, { reported: agentReport() })
  await scene.desk.fleet.refresh(localHubId)
  await scene.readFleet()
  const ofJob = (...some: string[]): Promise<Preflight> =>
    scene.preflights.preflight(
      {
        ...{ hubId: localHubId, parameters: { kind: 'reboot' }, engine: 'job' },
        deviceIds: deviceIds(...some),
      },
      never,
    )
  const { estimate, warnings } = await ofJob(...names)
  expect(estimate).toMatchObject({ boundBy: 'jobs', durationMs: 90_000, messagesPerDevice: 3 })
  const [warning] = warnings
  if (warning?.kind !== 'several-jobs') throw new Error('Nothing was said of several jobs.')
  const { devices, jobs, lastAfterMs } = warning
  expect([warnings.length, devices]).toEqual([1, 900])
  // Some two hundred ids of that length fit into one condition, and each job has a minute for its last answers.
  expect(jobs).toBeGreaterThan(3)
  expect(lastAfterMs).toBeGreaterThan((jobs - 1) * 60_000 + 60_000)
  expect((await ofJob(...names.slice(0, 100))).warnings).toEqual([])
  expect((await preflight({ kind: 'reboot' }, ...names)).warnings).toEqual([])
})

test('a direct method that sends devices away faster than the hub takes them back is warned of', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `pc-${index}`)
  for (const name of names) scene.hub.add(name, { reported: {} })
  await scene.desk.fleet.refresh(localHubId)
  await scene.readFleet()
  await scene.configure({ tier: { sku: 'S1', units: 10 } })
  const method = (methodName: string): ActionParameters => ({
    ...{ kind: 'method', methodName, payload: '', responseTimeoutMs: 5_000 },
  })
  expect((await preflight(method('windows.rebootAsync'), ...names)).warnings).toEqual([
    { kind: 'reconnect-storm', devices: 200, perSecond: 120 },
  ])
  expect((await preflight(method('blink'), ...names)).warnings).toEqual([])
  expect((await preflight({ kind: 'reboot' }, ...names)).warnings).toEqual([])
})

test('parameters and policies that cannot be are refused', async () => {
  await expect(preflight({ kind: 'tags', patch: '[]' }, 'pump-1')).rejects.toThrow('patch')
})

test('the same device twice is one device', async () => {
  expect((await preflight({ kind: 'reboot' }, 'pump-1', 'pump-1')).verdicts).toHaveLength(1)
})
