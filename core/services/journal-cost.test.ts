import { afterEach, beforeEach, expect, test } from 'vitest'
import { agentReport } from '../testing/fakes.ts'
import { Scene } from '../testing/scene.ts'

let scene: Scene

beforeEach(() => (scene = new Scene()))
afterEach(() => scene.actions.close())

test('a device that stays away for many looks has left once, as far as the journal goes', async () => {
  let looks = 0
  const readTwin = scene.hub.readTwin.bind(scene.hub)
  scene.hub.readTwin = (deviceId, signal) => {
    looks += 1
    return readTwin(deviceId, signal)
  }
  scene.hub.add('a', {
    reported: agentReport(),
    answer() {
      scene.hub.add('a', { reported: agentReport(), connectionState: 'Disconnected' })
      return { status: 202, payload: null }
    },
  })
  await scene.start('a')
  await scene.end()
  expect(looks).toBeGreaterThan(5)
  const names = scene.journal.records.map((record) => ('name' in record ? record.name : record.type))
  expect(names).toEqual(['action', 'send', 'accept', 'leave', 'lose'])
})
