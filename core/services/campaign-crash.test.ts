import { describe, expect, test } from 'vitest'
import type { ActionId } from '../../contract/app/ids.ts'
import { rounds } from '../../tests/support/rounds.ts'
import {
  newWorld,
  openApp,
  recordsOfOneRun,
  recover,
  startCampaign,
  wrecksAt,
  type World,
  type Wreck,
} from '../testing/crash-scene.ts'
import { CrashingJournal } from '../testing/crashing-journal.ts'
import { FakeJournal } from '../testing/fakes.ts'
import { never } from '../testing/scene.ts'

const devices = rounds(60, 1_000)
/** How many worlds are kept in memory at the same time. */
const atOnce = 250

/** Waits until nothing more happens in a world whose journal has stopped. */
async function untilCrashed({ clock }: World, journal: CrashingJournal): Promise<void> {
  const end = clock.now().getTime() + 3_600_000
  while (!journal.hasCrashed && clock.now().getTime() < end) await clock.wait(50)
  // What was sent before the crash arrives after it.
  await clock.wait(1_000)
}

async function expectRecovery(wreck: Wreck): Promise<void> {
  const { counts } = await recover(wreck)
  const { hub, log } = wreck.world
  expect(counts).toMatchObject({ succeeded: devices })
  expect(hub.effects.every((count) => count === 1)).toBe(true)
  expect(log.bugs).toEqual([])
}

describe('the app dies at a record of the journal', () => {
  test('at each: after the next start every device is rebooted exactly once, and none is lost', async () => {
    const records = await recordsOfOneRun(devices)
    expect(records).toBeGreaterThan(devices * 3)
    let recovered = 0
    // The first record is the action itself: without it nothing was ever asked.
    for (let first = 2; first <= records; first += atOnce) {
      const points = Array.from(
        { length: Math.min(atOnce, records + 1 - first) },
        (_, index) => first + index,
      )
      // Half of the records are on the disk already when the power goes.
      for (const wreck of await wrecksAt(devices, new Set(points), (point) => point % 2 === 0)) {
        await expectRecovery(wreck)
        recovered += 1
      }
    }
    expect(recovered).toBe(records - 1)
  }, 2_400_000)

  test('twice, the second time while it makes good for the first', async () => {
    for (let point = 0; point < rounds(5, 200); point += 1) {
      const world = newWorld(devices)
      const first = new CrashingJournal([], 20 + ((point * 7) % 160), point % 2 === 0)
      await startCampaign(await openApp(world, first), world)
      await untilCrashed(world, first)

      const second = new CrashingJournal(first.records, 2 + ((point * 3) % 50), point % 3 === 0)
      const desk = await openApp(world, second)
      await desk.readFleet()
      void desk.actions.resume(desk.store.summaries()[0]?.actionId as ActionId, never)
      await untilCrashed(world, second)
      await expectRecovery({ world, records: second.records })
    }
  }, 1_200_000)

  test('at its very first record: nothing was asked, and nothing is known of it', async () => {
    const world = newWorld(devices)
    const journal = new CrashingJournal([], 1, false)
    void openApp(world, journal).then((desk) => startCampaign(desk, world))
    await untilCrashed(world, journal)
    const desk = await openApp(world, new FakeJournal(journal.records))
    expect(desk.store.summaries()).toEqual([])
    expect(world.hub.effects.every((count) => count === 0)).toBe(true)
  })
})
