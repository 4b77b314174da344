import { describe, expect, test } from 'vitest'
import { quotaOf } from '../domain/quota.ts'
import { openDesk } from '../testing/desk.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../testing/fakes.ts'
import { never } from '../testing/scene.ts'
import { manyDevices, VirtualHub } from '../testing/virtual-hub.ts'
import { localHubId } from './hub-service.ts'

const tier = { sku: 'S1' as const, units: 1 }
const devices = 2_000

/** Between 0 and 1, and not in the order of the numbers. */
const scattered = (number: number): number => ((number * 7919) % 1000) / 1000

/** What a reboot of many costs each of them, where nothing but their twins tells of its end. */
async function messagesPerDevice(downMs: (number: number) => number): Promise<number> {
  const clock = new FakeClock()
  const behaviourOf = (number: number): { downMs: number } => ({ downMs: downMs(number) })
  const options = { clock, deviceIds: manyDevices(devices), quota: quotaOf(tier), latencyMs: 50 }
  const hub = new VirtualHub({ ...options, behaviourOf })
  const desk = await openDesk({ hub, journal: new FakeJournal(), clock, log: new FakeLog() })
  await desk.hubs.configure(localHubId, { tier })
  await desk.readFleet()
  const before = hub.billed
  const parameters = { kind: 'reboot' as const }
  const action = { hubId: localHubId, parameters, deviceIds: manyDevices(devices), deadlineMs: 3_600_000 }
  await desk.actions.start(action, never)
  await desk.actions.settled()
  expect(desk.store.summaries()).toMatchObject([{ status: 'succeeded' }])
  return (hub.billed - before) / devices
}

/** Request, answer and report are three; the rest are looks. */
describe('the looks at devices that reboot cost little more than one each', () => {
  test.each<[string, (number: number) => number]>([
    ['within a tenth of a minute', (number) => 57_000 + 6_000 * scattered(number)],
    ['within four to six seconds', (number) => 4_000 + 2_000 * scattered(number)],
    ['ever more slowly', (number) => (4_000 + 2_000 * scattered(number)) * (1 + number / devices)],
    ['ever more quickly', (number) => (4_000 + 2_000 * scattered(number)) * (2 - number / devices)],
    [
      'more slowly and more quickly by turns',
      (number) => (5_000 + 2_000 * scattered(number)) * (1 + 0.6 * Math.sin(number / 80)),
    ],
    [
      'in one, and now and then a hundred in three minutes',
      (number) => (number % 1_000 < 100 ? 180_000 : 55_000 + 10_000 * scattered(number)),
    ],
  ])('%s', async (_, downMs) => {
    expect(await messagesPerDevice(downMs)).toBeLessThanOrEqual(4.2)
  })
})
