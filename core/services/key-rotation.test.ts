import { describe, expect, test } from 'vitest'
import type { HubId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { rounds } from '../../tests/support/rounds.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import { openDesk, type Desk } from '../testing/desk.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../testing/fakes.ts'
import { never, plainPolicy, summaryWhen } from '../testing/scene.ts'
import { manyDevices, VirtualHub } from '../testing/virtual-hub.ts'

const devices = 80
/** As a policy of Azure has them, of which at most one is renewed at a time. */
const [primary, secondary] = ['cHJpbWFyeQ==', 'c2Vjb25kYXJ5']

interface World {
  readonly clock: FakeClock
  readonly hub: VirtualHub
  readonly log: FakeLog
  readonly desk: Desk
  /** The keys that the hub takes at the moment. */
  readonly keys: Set<string>
  readonly hubId: HubId
}

/** The hub to somebody with that key: it answers as long as the key is one of its keys. */
function asSeenWith(key: string, hub: VirtualHub, keys: ReadonlySet<string>): HubGateway {
  const refuse = (): Promise<never> => Promise.reject(new AppError('unauthorized', 'The key is not valid.'))
  return new Proxy<HubGateway>(hub, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name)
      if (typeof part !== 'function') return part
      return keys.has(key) || name === 'close' ? (part.bind(target) as unknown) : refuse
    },
  })
}

async function newWorld(): Promise<World> {
  const [clock, log, keys] = [new FakeClock(), new FakeLog(), new Set([primary])]
  const behaviourOf = (): { downMs: number } => ({ downMs: 5_000 })
  const hub = new VirtualHub({ clock, deviceIds: manyDevices(devices), latencyMs: 20, behaviourOf })
  const desk = await openDesk({
    ...{ hub, journal: new FakeJournal(), clock, log },
    openGateway: ({ sharedAccessKey }) => asSeenWith(sharedAccessKey, hub, keys),
  })
  const { hubId } = await add(desk, primary)
  await desk.readFleet(hubId)
  return { clock, hub, log, desk, keys, hubId }
}

function add(desk: Desk, key: string): ReturnType<Desk['hubs']['add']> {
  const connectionString = `HostName=plant.azure-devices.net;SharedAccessKeyName=desk;SharedAccessKey=${key}`
  return desk.hubs.add({ connectionString, check: true }, never)
}

/** A reboot of all, two a second, of which so many have come to their end. */
async function rebootUntil({ desk, hubId }: World, succeeded: number): Promise<void> {
  const parameters = { kind: 'reboot' as const }
  const policy = { ...plainPolicy, mostPerMinute: 120 }
  const action = { hubId, parameters, deviceIds: manyDevices(devices), deadlineMs: 600_000, policy }
  await desk.actions.start(action, never)
  await summaryWhen(desk, ({ counts }) => counts.succeeded >= succeeded)
}

async function expectEverybodyOnce({ desk, hub, log }: World): Promise<void> {
  await summaryWhen(desk, ({ counts }) => counts.succeeded === devices)
  expect(hub.effects.every((count) => count === 1)).toBe(true)
  expect(log.bugs).toEqual([])
}

const points = Array.from({ length: rounds(5, 20) }, (_, index) =>
  Math.round((index * devices) / rounds(5, 20)),
)

describe.each(points)('a key that is rotated when %i of 80 are done', (point) => {
  test('to the other one, before the old one goes: nobody notices', async () => {
    const world = await newWorld()
    const { desk, keys, hubId } = world
    await rebootUntil(world, point)
    keys.add(secondary)
    expect((await add(desk, secondary)).hubId).toBe(hubId)
    keys.delete(primary)
    await expectEverybodyOnce(world)
    expect(desk.store.summaries().map(({ problem }) => problem)).toEqual([undefined])
  })

  test('away from under the app: it stops, and goes on with the new key', async () => {
    const world = await newWorld()
    const { clock, desk, hub, keys } = world
    await rebootUntil(world, point)
    keys.clear()
    const { actionId, problem } = await summaryWhen(desk, ({ hold }) => hold?.kind === 'halted')
    expect(problem).toMatchObject({ code: 'unauthorized' })
    const before = hub.requests
    await clock.wait(3_600_000)
    expect(hub.requests).toBe(before)

    await expect(add(desk, secondary)).rejects.toMatchObject({ code: 'unauthorized' })
    keys.add(secondary)
    await add(desk, secondary)
    await desk.actions.resume(actionId, never)
    await expectEverybodyOnce(world)
  })
})
