import type { ActionSummary } from '../../contract/app/action.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import type { Policy } from '../../contract/app/policy.ts'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { localHubId } from '../services/hub-service.ts'
import { openDesk, type Desk } from './desk.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeJournal, FakeLog } from './fakes.ts'
import { never, plainPolicy, summaryWhen } from './scene.ts'
import { manyDevices, VirtualHub, type VirtualHubOptions } from './virtual-hub.ts'

const policy: Policy = {
  ...plainPolicy,
  waves: [
    { unit: 'devices', count: 5 },
    { unit: 'percent', percent: 50 },
  ],
}

/** What outlives the app: a hub with its devices, and the time. */
export interface World {
  readonly clock: FakeClock
  readonly hub: VirtualHub
  readonly log: FakeLog
}

/** What a life of the app has left when it died. */
export interface Wreck {
  readonly world: World
  readonly records: readonly JournalRecord[]
}

/** Every fifth answer is lost, and half of those never reached the device. */
function losingAnswers(): NonNullable<VirtualHubOptions['faultOf']> {
  let calls = 0
  return () => {
    calls += 1
    if (calls % 5 !== 0) return undefined
    return { error: new AppError('timeout', 'No answer.'), isDelivered: calls % 10 === 0 }
  }
}

export function newWorld(devices: number): World {
  const clock = new FakeClock()
  const deviceIds = manyDevices(devices)
  const behaviourOf = (): { downMs: number } => ({ downMs: 20_000 })
  const hub = new VirtualHub({ clock, deviceIds, faultOf: losingAnswers(), behaviourOf, latencyMs: 50 })
  return { clock, hub, log: new FakeLog() }
}

/** The world as it is now, which goes on without the first. */
function forkWorld({ clock, hub }: World): World {
  const own = new FakeClock(clock.now())
  return {
    clock: own,
    hub: hub.fork({ clock: own, faultOf: losingAnswers(), latencyMs: 0 }),
    log: new FakeLog(),
  }
}

export async function openApp({ clock, hub, log }: World, journal: FakeJournal): Promise<Desk> {
  const desk = await openDesk({ hub, journal, clock, log })
  // With limits and a bill, as on Azure: devices are looked at as rarely as there.
  await desk.hubs.configure(localHubId, { tier: { sku: 'S3', units: 10 } })
  return desk
}

/** A reboot of every device in waves, as a campaign. */
export async function startCampaign(desk: Desk, { hub }: World): Promise<ActionId> {
  await desk.readFleet()
  const parameters = { kind: 'reboot' as const }
  const deviceIds = manyDevices(hub.effects.length)
  const action = { hubId: localHubId, parameters, deviceIds, policy, deadlineMs: 600_000 }
  return (await desk.actions.start(action, never)).actionId
}

/** How many records a campaign writes when nothing happens to it. */
export async function recordsOfOneRun(devices: number): Promise<number> {
  const [world, journal] = [newWorld(devices), new FakeJournal()]
  const desk = await openApp(world, journal)
  await startCampaign(desk, world)
  await summaryWhen(desk, ({ status }) => status === 'succeeded')
  return journal.records.length
}

/**
 * One campaign, and what would be left had the app died at each of those records, numbered from 1; the record itself is
 * on the disk where `isKept` says so. One run is enough for all: the world is forked where it would end.
 */
export async function wrecksAt(
  devices: number,
  points: ReadonlySet<number>,
  isKept: (point: number) => boolean,
): Promise<Wreck[]> {
  const [world, journal, wrecks] = [newWorld(devices), new FakeJournal(), [] as Wreck[]]
  journal.onAppend = (record) => {
    const point = journal.records.length + 1
    if (!points.has(point)) return
    const records = [...journal.records, ...(isKept(point) ? [record] : [])]
    wrecks.push({ world: forkWorld(world), records })
  }
  const desk = await openApp(world, journal)
  await startCampaign(desk, world)
  await summaryWhen(desk, ({ status }) => status === 'succeeded')
  return wrecks
}

/** The next life: a person resumes what was interrupted, and waits until every device has come to its end. */
export async function recover({ world, records }: Wreck): Promise<ActionSummary> {
  const desk = await openApp(world, new FakeJournal(records))
  await desk.readFleet()
  const [summary] = desk.store.summaries()
  if (summary?.hold?.kind === 'interrupted') await desk.actions.resume(summary.actionId, never)
  const end = await summaryWhen(
    desk,
    ({ counts, total }) => counts.succeeded + counts.failed + counts.cancelled === total,
  )
  await desk.actions.close()
  return end
}
