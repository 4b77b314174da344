import { beforeEach, describe, expect, test } from 'vitest'
import type { FleetChange } from '../../contract/app/device.ts'
import { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { agentReport, FakeHub, FakeJournal, FakeLog } from '../testing/fakes.ts'
import { ActionStore } from './action-store.ts'
import { builtInDialects } from '../domain/dialects/recognise.ts'
import { FleetService } from './fleet-service.ts'

const hubId = HubId.parse('hub-1')
let hub: FakeHub
let log: FakeLog
let clock: FakeClock

beforeEach(() => {
  hub = new FakeHub()
  log = new FakeLog()
  clock = new FakeClock()
})

async function open(): Promise<{ fleet: FleetService; actions: ActionStore }> {
  const actions = await ActionStore.open(new FakeJournal(), clock)
  const hubs = { kindOf: () => 'azure' as const, settingsOf: () => ({}), gateway: () => Promise.resolve(hub) }
  return { actions, fleet: new FleetService({ hubs, actions, dialects: () => builtInDialects, clock, log }) }
}

/** Watches until the change is the one that is waited for. */
async function until(
  fleet: FleetService,
  isAwaited: (change: FleetChange) => boolean,
): Promise<FleetChange[]> {
  const leaving = new AbortController()
  const seen: FleetChange[] = []
  for await (const change of fleet.watch(hubId, leaving.signal)) {
    seen.push(change)
    if (isAwaited(change)) break
  }
  leaving.abort()
  return seen
}

/** A listing went through after the one that is known when the watch begins. */
function isReadAgain(): (change: FleetChange) => boolean {
  let isFirst = true
  return ({ state }) => {
    const isDone = !isFirst && state.kind === 'ready' && !state.isRefreshing
    isFirst = false
    return isDone
  }
}

const isReady = ({ state }: FleetChange): boolean => state.kind === 'ready'

describe('a watcher', () => {
  test('gets everything first, and then what is new to it', async () => {
    hub.add('pump-1').add('pump-2')
    const { fleet } = await open()
    await until(fleet, isReady)

    const changes = fleet.watch(hubId, new AbortController().signal)
    const first = await changes.next()
    hub.add('pump-3').devices.delete('pump-1')
    const rows: string[] = []
    const removed: string[] = []
    while (!rows.includes('pump-3') || removed.length === 0) {
      const { value } = (await changes.next()) as { value: FleetChange }
      expect(value.isReset).toBe(false)
      rows.push(...value.rows.map(({ deviceId }) => deviceId))
      removed.push(...value.removed)
    }
    await changes.return(undefined)
    expect(first.value).toMatchObject({
      isReset: true,
      rows: [{ deviceId: 'pump-1' }, { deviceId: 'pump-2' }],
      removed: [],
    })
    expect(removed).toEqual(['pump-1'])
  })

  test('is told how the hub failed, keeps the rows, and sees it come back', async () => {
    hub.add('pump-1')
    const { fleet } = await open()
    await until(fleet, isReady)
    hub.failListing = new AppError('unreachable', 'The hub did not answer.', {
      nextStep: 'Check the network.',
    })
    const failed = await until(fleet, ({ state }) => state.kind === 'failed')
    expect(failed[0]?.rows).toHaveLength(1)
    expect(failed.at(-1)?.state).toMatchObject({
      problem: { code: 'unreachable', nextStep: 'Check the network.' },
    })

    hub.failListing = undefined
    expect((await until(fleet, isReady)).at(-1)?.state.kind).toBe('ready')
    expect(log.bugs).toEqual([])
  })

  test('sees what an action does to a device beside its row', async () => {
    hub.add('pump-1')
    const { fleet, actions } = await open()
    await until(fleet, isReady)
    const deviceId = DeviceId.parse('pump-1')
    const action = {
      hubId,
      parameters: { kind: 'reboot' as const },
      deviceIds: [deviceId],
      deadlineMs: 60_000,
    }
    const actionId = ActionId.parse('action-1')
    await actions.start(action, { actionId, hubName: 'x', hostName: 'x', by: 'kim' })
    await actions.record(actionId, deviceId, { name: 'send' })
    const [first] = await until(fleet, () => true)
    expect(first?.rows[0]?.lastAction).toMatchObject({ actionId, status: 'sending' })
  })
})

describe('reading', () => {
  test('goes on only while somebody watches', async () => {
    const { fleet } = await open()
    await until(fleet, isReady)
    const before = hub.listings
    await clock.wait(3_600_000)
    expect(hub.listings).toBe(before)
  })

  test('is done once for all who watch', async () => {
    const { fleet } = await open()
    await Promise.all([until(fleet, isReady), until(fleet, isReady), until(fleet, isReady)])
    expect(hub.listings).toBe(1)
  })

  test('leaves a row out that makes no sense, and says so in the log', async () => {
    hub.add('pump-1').add('x'.repeat(400))
    const { fleet } = await open()
    const changes = await until(fleet, isReady)
    expect(changes.flatMap(({ rows }) => rows)).toHaveLength(1)
    expect(log.warnings).toContain('devices-unreadable')
  })

  test('does not overrule what get-twin has just told', async () => {
    hub.add('pump-1', { reported: agentReport() })
    const { fleet } = await open()
    await until(fleet, isReady)
    const deviceId = DeviceId.parse('pump-1')
    const seen = {
      deviceId,
      status: 'enabled',
      connectionState: 'Disconnected',
      lastActivityTime: undefined,
      reported: agentReport(),
      tags: {},
    }
    fleet.observe(hubId, seen, clock.now().toISOString())
    await until(fleet, isReady)
    expect(fleet.rowOf(hubId, deviceId)).toMatchObject({ isConnected: false, source: 'twin' })
  })

  test('takes nothing back that get-twin has told, for the half hour that a query may be behind', async () => {
    hub.add('pump-1', { reported: agentReport(), version: 4 }).add('pump-2')
    const { fleet } = await open()
    await until(fleet, isReady)
    const [one, two] = [DeviceId.parse('pump-1'), DeviceId.parse('pump-2')]
    const agent = { version: '1.0.0', bootId: 'boot-b', firmwareVersion: '3.0.0', actions: ['reboot'] }
    const updated = agentReport({ agent })
    const twin = { ...(await hub.readTwin(one)), reported: updated, version: 5 }
    fleet.observe(hubId, twin, clock.now().toISOString())
    fleet.observe(hubId, await hub.readTwin(two), clock.now().toISOString())
    hub.devices.delete('pump-2')
    await clock.wait(25 * 60_000)
    await until(fleet, isReadAgain())
    expect(fleet.rowOf(hubId, one)).toMatchObject({ firmwareVersion: '3.0.0', source: 'twin' })
    expect(fleet.rowOf(hubId, two)).toBeDefined()
    await clock.wait(6 * 60_000)
    await until(fleet, isReadAgain())
    expect(fleet.rowOf(hubId, one)).toMatchObject({ firmwareVersion: '2.4.1', source: 'query' })
    expect(fleet.rowOf(hubId, two)).toBeUndefined()
  })

  test('a bug while reading is a bug in the log and a plain word in the window', async () => {
    hub.listDevices = () => {
      throw new TypeError('secret detail')
    }
    const { fleet } = await open()
    const changes = await until(fleet, ({ state }) => state.kind === 'failed')
    expect(JSON.stringify(changes)).not.toContain('secret detail')
    expect(log.bugs).toHaveLength(1)
  })
})
