import { beforeEach, describe, expect, test } from 'vitest'
import { FakeDesktop } from '../testing/fake-desktop.ts'
import { agentReport } from '../testing/fakes.ts'
import { actionId, deviceIds, never, Scene } from '../testing/scene.ts'
import { stayAwake } from './stay-awake.ts'

let scene: Scene
let desktop: FakeDesktop
let letSleep: () => Promise<void>

beforeEach(async () => {
  scene = new Scene()
  desktop = new FakeDesktop()
  await scene.open()
  const { actions, store } = scene.desk
  letSleep = stayAwake({ actions, store, desktop })
})

/** A device that accepts a reboot and does not come back. */
function addSilent(deviceId: string): void {
  scene.hub.add(deviceId, {
    reported: agentReport(),
    answer: () => ({ status: 202, payload: { actionId, state: 'accepted' } }),
  })
}

describe('the machine stays awake', () => {
  test('while an action goes on, and no longer', async () => {
    scene.addWilling('a')
    await scene.readFleet()
    await scene.reboot('a')
    expect(scene.actions.underWay).toBe(1)
    await scene.end()
    await scene.drain()
    await expect.poll(() => desktop.awake).toEqual([true, false])
    expect(scene.actions.underWay).toBe(0)
  })

  test('while a device is followed that does not come back, until its time is over', async () => {
    addSilent('a')
    await scene.readFleet()
    await scene.reboot('a')
    await scene.summaryWhen(({ counts }) => counts.working === 1)
    expect(desktop.awake).toEqual([true])
    await scene.summaryWhen(({ counts }) => counts.unknown === 1)
    await scene.drain()
    await expect.poll(() => desktop.awake).toEqual([true, false])
  })

  test('not for a campaign that a person has paused', async () => {
    scene.addWilling('a')
    scene.addWilling('b')
    await scene.readFleet()
    const gate = { soakMs: 0, needsApproval: true }
    await scene.campaign({ waves: [{ unit: 'devices', count: 1 }], gate }, 'a', 'b')
    await scene.summaryWhen(({ hold }) => hold?.kind === 'approval')
    await scene.actions.pause(actionId)
    await expect.poll(() => desktop.awake).toEqual([true, false])
    await scene.actions.resume(actionId, never)
    await expect.poll(() => desktop.awake).toEqual([true, false, true])
  })

  test('not after the app has closed', async () => {
    addSilent('a')
    await scene.readFleet()
    await scene.reboot('a')
    await expect.poll(() => desktop.awake).toEqual([true])
    await scene.actions.close()
    await letSleep()
    expect(desktop.awake).toEqual([true, false])
  })
})

test('an action whose devices are asked by a job of the hub goes on without the app', async () => {
  scene.hub.add('a', { reported: agentReport() })
  await scene.readFleet()
  await scene.begin({ engine: 'job', deviceIds: deviceIds('a') })
  expect(scene.actions.underWay).toBe(0)
  expect(desktop.awake).toEqual([])
})
