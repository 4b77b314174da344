import { describe, expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { localHubId } from './hub-service.ts'
import { CrashingJournal } from '../testing/crashing-journal.ts'
import { openDesk, type Desk } from '../testing/desk.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../testing/fakes.ts'
import { never, plainPolicy, summaryWhen } from '../testing/scene.ts'
import { manyDevices, VirtualHub } from '../testing/virtual-hub.ts'

const deviceIds = manyDevices(rounds(60, 1_000))
const policy = {
  ...plainPolicy,
  waves: [
    { unit: 'devices' as const, count: 5 },
    { unit: 'percent' as const, percent: 50 },
  ],
}

interface World {
  readonly clock: FakeClock
  readonly hub: VirtualHub
  readonly log: FakeLog
}

/** Every fifth answer is lost, and half of those never reached the device. */
function newWorld(): World {
  const clock = new FakeClock()
  let calls = 0
  const faultOf = (): { error: AppError; isDelivered: boolean } | undefined => {
    calls += 1
    if (calls % 5 !== 0) return undefined
    return { error: new AppError('timeout', 'No answer.'), isDelivered: calls % 10 === 0 }
  }
  const behaviourOf = (): { downMs: number } => ({ downMs: 20_000 })
  return {
    clock,
    log: new FakeLog(),
    hub: new VirtualHub({ clock, deviceIds, faultOf, behaviourOf, latencyMs: 50 }),
  }
}

async function open({ clock, hub, log }: World, journal: FakeJournal): Promise<Desk> {
  const desk = await openDesk({ hub, journal, clock, log })
  // With limits and a bill, as on Azure: devices are looked at as rarely as there.
  await desk.hubs.configure(localHubId, { tier: { sku: 'S1', units: 1 } })
  return desk
}

async function start(desk: Desk): Promise<ActionId> {
  await desk.readFleet()
  const parameters = { kind: 'reboot' as const }
  const action = { hubId: localHubId, parameters, deviceIds, policy, deadlineMs: 600_000 }
  return (await desk.actions.start(action, never)).actionId
}

/** Waits until nothing more happens in a world whose journal has stopped. */
async function untilCrashed({ clock }: World, journal: CrashingJournal): Promise<void> {
  const end = clock.now().getTime() + 3_600_000
  while (!journal.hasCrashed && clock.now().getTime() < end) await clock.wait(50)
  // What was sent before the crash arrives after it.
  await clock.wait(1_000)
}

/** The next life: a person resumes what was interrupted. */
async function finish(world: World, records: FakeJournal['records']): Promise<void> {
  const desk = await open(world, new FakeJournal(records))
  await desk.readFleet()
  const [summary] = desk.store.summaries()
  if (summary?.hold?.kind === 'interrupted') await desk.actions.resume(summary.actionId, never)
  const end = await summaryWhen(
    desk,
    ({ counts }) => counts.succeeded + counts.failed + counts.cancelled === deviceIds.length,
  )
  expect(end.counts).toMatchObject({ succeeded: deviceIds.length })
  expect(world.hub.effects.every((count) => count === 1)).toBe(true)
  expect(world.log.bugs).toEqual([])
  await desk.actions.close()
}

async function recordsOfOneRun(): Promise<number> {
  const world = newWorld()
  const journal = new FakeJournal()
  const desk = await open(world, journal)
  await start(desk)
  await summaryWhen(desk, ({ status }) => status === 'succeeded')
  return journal.records.length
}

describe('the app dies at a record of the journal', () => {
  test('after the next start every device is rebooted exactly once, and none is lost, wherever it died', async () => {
    const records = await recordsOfOneRun()
    expect(records).toBeGreaterThan(deviceIds.length * 3)
    // The first record is the action itself: without it nothing was ever asked.
    const points = Math.min(records - 1, rounds(20, 2_000))
    for (let point = 0; point < points; point += 1) {
      const crashAt = 2 + Math.floor((point * (records - 2)) / points)
      const world = newWorld()
      const journal = new CrashingJournal([], crashAt, point % 2 === 0)
      await start(await open(world, journal))
      await untilCrashed(world, journal)
      await finish(world, journal.records)
    }
  }, 600_000)

  test('twice, the second time while it makes good for the first', async () => {
    for (let point = 0; point < rounds(5, 200); point += 1) {
      const world = newWorld()
      const first = new CrashingJournal([], 20 + point * 7, point % 2 === 0)
      await start(await open(world, first))
      await untilCrashed(world, first)

      const second = new CrashingJournal(first.records, 2 + point * 3, point % 3 === 0)
      const desk = await open(world, second)
      await desk.readFleet()
      void desk.actions.resume(desk.store.summaries()[0]?.actionId as ActionId, never)
      await untilCrashed(world, second)
      await finish(world, second.records)
    }
  }, 600_000)

  test('at its very first record: nothing was asked, and nothing is known of it', async () => {
    const world = newWorld()
    const journal = new CrashingJournal([], 1, false)
    void start(await open(world, journal))
    await untilCrashed(world, journal)
    const desk = await open(world, new FakeJournal(journal.records))
    expect(desk.store.summaries()).toEqual([])
    expect(world.hub.effects.every((count) => count === 0)).toBe(true)
  })
})
