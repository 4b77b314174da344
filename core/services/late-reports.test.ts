import { beforeEach, expect, test } from 'vitest'
import type { Json } from '../domain/json.ts'
import { agentReport, rebootedReport } from '../testing/fakes.ts'
import { actionId, Scene } from '../testing/scene.ts'

/** Devices whose time was over before they reported, as on a hub that has no room for the reports of a large fleet. */
let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

const tell = (reported: Json): void =>
  scene.hub.events.tell({ kind: 'reported', deviceId: 'a', reported, version: 3 })

test('a report that comes after its time counts as long as others are waited for', async () => {
  for (const name of ['a', 'b']) scene.hub.add(name, { reported: agentReport() })
  await scene.open()
  await scene.configure({ followEvents: true })
  await scene.readFleet()
  await scene.campaign({ mostPerMinute: 1 }, 'a', 'b')
  await scene.summaryWhen(({ counts }) => counts.unknown === 1 && counts.working === 1)
  tell({ iothubDM: { reboot: { actionId, status: 'rebooting' } } })
  expect((await scene.targets()).get('a')).toMatchObject({ status: 'unknown' })
  tell(rebootedReport(actionId))
  expect(await scene.end()).toMatchObject({ counts: { succeeded: 1, unknown: 1 } })
  expect((await scene.targets()).get('a')).toMatchObject({ status: 'succeeded' })
})

test('a report that nobody told of is found at the end, when the others are done', async () => {
  scene.hub.add('late', { reported: agentReport() })
  scene.hub.add('other', { reported: agentReport() })
  await scene.open()
  await scene.readFleet()
  await scene.campaign({ mostPerMinute: 1 }, 'late', 'other')
  await scene.summaryWhen(({ counts }) => counts.unknown === 1)
  scene.hub.add('late', { reported: rebootedReport(actionId) })
  const reads = scene.hub.reads.length
  await scene.drain()
  expect((await scene.targets()).get('late')).toMatchObject({ status: 'succeeded' })
  expect((await scene.targets()).get('other')).toMatchObject({ status: 'unknown' })
  // One look for the late one; the other was looked at just now.
  expect(scene.hub.reads.slice(reads).filter((id) => id === 'late')).toHaveLength(1)
  expect(scene.hub.reads.at(-1)).toBe('late')
})
