import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import type { ActionId, HubId } from '../../contract/app/ids.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { TargetStatus } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { planWaves, waveOf } from '../domain/waves.ts'
import { localHubId } from './hub-service.ts'
import { openDesk, type Desk } from '../testing/desk.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../testing/fakes.ts'
import { never, plainPolicy, summaryWhen } from '../testing/scene.ts'
import { manyDevices, VirtualHub, type Behaviour, type VirtualHubOptions } from '../testing/virtual-hub.ts'

interface World {
  readonly clock: FakeClock
  readonly hub: VirtualHub
  readonly journal: FakeJournal
  readonly log: FakeLog
  readonly desk: Desk
}

async function newWorld(devices: number, options: Partial<VirtualHubOptions> = {}): Promise<World> {
  const clock = new FakeClock()
  const hub = new VirtualHub({ clock, deviceIds: manyDevices(devices), latencyMs: 20, ...options })
  const [journal, log] = [new FakeJournal(), new FakeLog()]
  const desk = await openDesk({ hub, journal, clock, log })
  // With limits and a bill, as on Azure: devices are looked at as rarely as there.
  await desk.hubs.configure(localHubId, { tier: { sku: 'S1', units: 1 } })
  return { clock, hub, journal, log, desk }
}

async function reboot(
  { desk }: World,
  devices: number,
  more: { policy?: Policy; hubId?: HubId } = {},
): Promise<void> {
  const { hubId = localHubId } = more
  await desk.readFleet(hubId)
  const parameters = { kind: 'reboot' as const }
  const action = { hubId, parameters, deviceIds: manyDevices(devices), deadlineMs: 1_800_000, ...more }
  await desk.actions.start(action, never)
}

function idOf({ desk }: World): ActionId {
  const [summary] = desk.store.summaries()
  if (!summary) throw new Error('Nothing was started.')
  return summary.actionId
}

const ofTarget = (records: readonly JournalRecord[]): Extract<JournalRecord, { type: 'target' }>[] =>
  records.flatMap((record) => (record.type === 'target' ? [record] : []))

describe('whatever the policy', () => {
  const size = fc.oneof(
    fc.record({ unit: fc.constant('devices' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ unit: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 100 }) }),
  )
  const policies: fc.Arbitrary<Policy> = fc.record(
    {
      waves: fc.array(size, { maxLength: 4 }),
      gate: fc.record({ soakMs: fc.constantFrom(0, 60_000), needsApproval: fc.constant(false) }),
      abort: fc.record({
        failureShare: fc.constantFrom(0, 0.1, 0.25, 0.5),
        leastFinished: fc.integer({ min: 1, max: 10 }),
      }),
      mostPerMinute: fc.constantFrom(6, 60, 600),
      offline: fc.constantFrom({ mode: 'skip' as const }, { mode: 'fail' as const }),
    },
    { requiredKeys: ['waves', 'gate', 'offline'] },
  )
  const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ downMs: fc.integer({ min: 1_000, max: 90_000 }) }) },
    { weight: 1, arbitrary: fc.constant({ downMs: 10_000, fails: true }) },
    { weight: 1, arbitrary: fc.constant({ downMs: 10_000, refusal: 403 }) },
    { weight: 1, arbitrary: fc.constant({ downMs: 0, offlineUntil: Infinity }) },
  )

  /** How many were asked after the journal had shown that too much goes wrong. */
  function sentTooLate(records: readonly JournalRecord[], abort: Policy['abort']): number {
    const ends = new Map<string, 'succeed' | 'fail'>()
    let late = 0
    for (const { name, deviceId } of ofTarget(records)) {
      const failed = [...ends.values()].filter((end) => end === 'fail').length
      const isTooMuch = abort && ends.size >= abort.leastFinished && failed > abort.failureShare * ends.size
      if (name === 'send' && isTooMuch) late += 1
      if (name === 'succeed' || name === 'fail') ends.set(deviceId, name)
    }
    return late
  }

  test('nobody is asked twice, nor after too much went wrong, nor before the wave is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(behaviour, { minLength: 1, maxLength: 30 }),
        async (policy, behaviours) => {
          const world = await newWorld(behaviours.length, {
            behaviourOf: (number) => behaviours[number] ?? { downMs: 0 },
          })
          await reboot(world, behaviours.length, { policy })
          const { counts } = await summaryWhen(world.desk, ({ endedAt }) => endedAt !== undefined)
          const { records } = world.journal
          expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(behaviours.length)
          expect(Math.max(...world.hub.effects)).toBeLessThanOrEqual(1)
          expect(sentTooLate(records, policy.abort)).toBe(0)
          expectWavesInOrder(records, policy, behaviours.length)
          expect(world.log.bugs).toEqual([])
        },
      ),
      { numRuns: rounds(200, 10_000) },
    )
  }, 900_000)

  /** When a device is asked, every device of an earlier wave has come to its end. */
  function expectWavesInOrder(records: readonly JournalRecord[], policy: Policy, total: number): void {
    const waves = planWaves(policy.waves, total)
    const numberOf = new Map(manyDevices(total).map((deviceId, number) => [deviceId, number]))
    const ended = new Set<number>()
    for (const { name, deviceId } of ofTarget(records)) {
      const number = numberOf.get(deviceId) ?? 0
      if (name === 'send') {
        const before = waves[waveOf(waves, number) - 2] ?? 0
        expect(Array.from({ length: before }, (_, one) => one).every((one) => ended.has(one))).toBe(true)
      }
      if (['succeed', 'fail', 'skip'].includes(name)) ended.add(number)
    }
  }
})

describe('a hub that loses answers', () => {
  const devices = rounds(200, 3_000)
  const someTimes = (every: number, error: AppError, isDelivered: (call: number) => boolean) => {
    let calls = 0
    return () => {
      calls += 1
      return calls % 10 < every ? { error, isDelivered: isDelivered(calls) } : undefined
    }
  }

  test.each([
    ['three of ten answers', someTimes(3, new AppError('timeout', 'x'), (call) => call % 2 === 0)],
    [
      'two of ten calls, with a 500 or a 503',
      someTimes(2, new AppError('unexpected-answer', 'x'), () => false),
    ],
    [
      'two of ten calls, after the device had them',
      someTimes(2, new AppError('unexpected-answer', 'x'), () => true),
    ],
  ])(
    '%s: in the end each device was rebooted once, and is proven',
    async (_, faultOf) => {
      const world = await newWorld(devices, { faultOf })
      await reboot(world, devices)
      const { counts } = await summaryWhen(world.desk, (summary) => summary.counts.succeeded === devices)
      expect(counts.unknown).toBe(0)
      expect(world.hub.effects.every((count) => count === 1)).toBe(true)
    },
    60_000,
  )
})

describe('a query that is half an hour behind, and leaves devices out', () => {
  test('never takes back what the journal has shown', async () => {
    const devices = 60
    const lagMs = 30 * 60_000
    const world = await newWorld(devices, {
      queryLagMs: lagMs,
      isMissing: (number, now) => (number + now) % 7 === 0,
    })
    const connectionString = 'HostName=x.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=a2V5'
    const { hubId } = await world.desk.hubs.add({ connectionString, check: false }, never)
    const leaving = new AbortController()
    const watching = readWhileWatched(world.desk, hubId, leaving.signal)
    await reboot(world, devices, { hubId })
    const seen = new Map<string, TargetStatus[]>()
    for await (const { targets } of world.desk.actions.targets(idOf(world), never)) {
      for (const { deviceId, status } of targets) seen.set(deviceId, [...(seen.get(deviceId) ?? []), status])
      if ([...seen.values()].every((statuses) => statuses.at(-1) === 'succeeded')) break
    }
    await world.clock.wait(lagMs * 2)
    leaving.abort()
    await watching
    const order: TargetStatus[] = ['waiting', 'sending', 'working', 'succeeded']
    for (const statuses of seen.values()) {
      const steps = statuses.map((status) => order.indexOf(status))
      expect(steps).toEqual(steps.toSorted((left, right) => left - right))
    }
    expect(world.desk.store.summaries()[0]?.counts.succeeded).toBe(devices)
    expect(world.hub.effects.every((count) => count === 1)).toBe(true)
  })

  async function readWhileWatched({ fleet }: Desk, hubId: HubId, signal: AbortSignal): Promise<void> {
    for await (const { rows } of fleet.watch(hubId, signal)) expect(rows.length).toBeLessThanOrEqual(60)
  }
})

describe('a laptop that sleeps for eight hours in the middle', () => {
  test('loses nobody: who was in flight is looked at, and who was not asked is asked', async () => {
    const devices = 100
    const world = await newWorld(devices)
    await reboot(world, devices, { policy: { ...plainPolicy, mostPerMinute: 60 } })
    await summaryWhen(world.desk, ({ counts }) => counts.succeeded >= 10)
    world.clock.skip(8 * 3_600_000)
    const { counts } = await summaryWhen(world.desk, ({ endedAt }) => endedAt !== undefined)
    expect(counts.succeeded).toBe(devices)
    expect(world.hub.effects.every((count) => count === 1)).toBe(true)
  }, 60_000)
})

describe('a key that is revoked in the middle', () => {
  test('stops everything at once; with the new key it goes on, and nobody is asked twice', async () => {
    for (let point = 0; point < rounds(5, 20); point += 1) {
      const devices = 80
      const world = await newWorld(devices, { behaviourOf: () => ({ downMs: 5_000 }) })
      await reboot(world, devices, { policy: { ...plainPolicy, mostPerMinute: 120 } })
      await summaryWhen(world.desk, ({ counts }) => counts.succeeded >= point * 2)
      world.hub.outage = new AppError('unauthorized', 'The key was revoked.')
      const { actionId } = await summaryWhen(world.desk, ({ hold }) => hold?.kind === 'halted')
      const before = world.hub.requests
      await world.clock.wait(600_000)
      expect(world.hub.requests - before).toBeLessThanOrEqual(32)

      world.hub.outage = undefined
      await world.desk.actions.resume(actionId, never)
      await summaryWhen(world.desk, ({ counts }) => counts.succeeded === devices)
      expect(world.hub.effects.every((count) => count === 1)).toBe(true)
    }
  }, 300_000)

  test('when everybody was asked already: nobody is given up, and the new key tells what became of them', async () => {
    const world = await newWorld(50)
    await reboot(world, 50)
    await summaryWhen(world.desk, ({ counts }) => counts.working === 50)
    world.hub.outage = new AppError('unauthorized', 'The key was revoked.')
    const halted = await summaryWhen(world.desk, ({ hold }) => hold?.kind === 'halted')
    expect(halted.problem).toMatchObject({ code: 'unauthorized' })
    await world.clock.wait(6 * 3_600_000)
    world.hub.outage = undefined
    await world.desk.actions.resume(halted.actionId, never)
    await summaryWhen(world.desk, ({ counts }) => counts.succeeded === 50)
  }, 60_000)
})
