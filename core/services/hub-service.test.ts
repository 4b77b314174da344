import { beforeEach, describe, expect, test } from 'vitest'
import type { HubList } from '../../contract/app/hub.ts'
import { HubId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { HubConnection } from '../domain/connection-string.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeHub, FakeLocalHub, FakeLog, FakeProfiles, FakeSecrets } from '../testing/fakes.ts'
import { HubService, localHubId } from './hub-service.ts'

const key = Buffer.from('a key that nobody may ever see').toString('base64')
const connectionString = `HostName=contoso.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=${key}`
const newHub = { connectionString, check: true }
const never = new AbortController().signal

let hub: FakeHub
let opened: HubConnection[]
let profiles: FakeProfiles
let secrets: FakeSecrets
let localHub: FakeLocalHub
let rehearsalHub: FakeLocalHub
let log: FakeLog

beforeEach(() => {
  hub = new FakeHub()
  opened = []
  profiles = new FakeProfiles()
  secrets = new FakeSecrets()
  localHub = new FakeLocalHub()
  rehearsalHub = new FakeLocalHub()
  log = new FakeLog()
})

let ids = 0
function open(): Promise<HubService> {
  const openGateway = (connection: HubConnection, extraCa?: string): FakeHub => {
    if (extraCa === 'garbage') throw new Error('PEM routines: no start line')
    opened.push(connection)
    return hub
  }
  const newId = (): string => `hub-${(ids += 1)}`
  return HubService.open({
    ...{ profiles, secrets, localHub, rehearsalHub },
    ...{ openGateway, newId, clock: new FakeClock(), log },
  })
}

async function list(hubs: HubService, isAwaited: (list: HubList) => boolean = () => true): Promise<HubList> {
  for await (const value of hubs.watch(never)) if (isAwaited(value)) return value
  throw new Error('The list ended.')
}

const localState = ({ hubs }: HubList): string | undefined =>
  hubs.find(({ hubId }) => hubId === localHubId)?.state.kind

describe('with no hub saved', () => {
  test('the app comes up on the hub of this machine', async () => {
    const hubs = await open()
    const ready = await list(hubs, (value) => localState(value) === 'ready')
    expect(ready.selected).toBe(localHubId)
    expect(opened).toMatchObject([{ gateway: { host: '127.0.0.1', port: 8443 } }])
  })

  test('a local hub that does not start says so, and starts again when it is selected', async () => {
    localHub.failure = new Error('EADDRINUSE')
    const hubs = await open()
    await list(hubs, (value) => localState(value) === 'failed')
    await expect(hubs.gateway(localHubId, never)).rejects.toMatchObject({
      code: 'unreachable',
      nextStep: 'Start it again.',
    })

    localHub.failure = undefined
    await hubs.select(localHubId)
    await list(hubs, (value) => localState(value) === 'ready')
    expect(localHub.starts).toBe(2)
  })

  test('a local hub that ends by itself is not ready any more', async () => {
    const hubs = await open()
    await list(hubs, (value) => localState(value) === 'ready')
    localHub.exit()
    await expect(hubs.gateway(localHubId, never)).rejects.toMatchObject({
      message: 'The hub on this machine has stopped.',
    })
    expect(hub.isClosed).toBe(true)
  })

  test('the local hub cannot be removed', async () => {
    await expect((await open()).remove(localHubId)).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

describe('adding a hub', () => {
  test('asks it first, then saves it sealed and selects it', async () => {
    const hubs = await open()
    const profile = await hubs.add({ ...newHub, name: 'Production' }, never)
    expect(profile).toMatchObject({
      name: 'Production',
      hostName: 'contoso.azure-devices.net',
      kind: 'azure',
      notes: [],
    })
    expect((await list(hubs)).selected).toBe(profile.hubId)
    expect(profiles.stored.hubs).toHaveLength(1)
    expect(JSON.stringify(profiles.stored)).not.toContain(key)
  })

  test('takes the host name where no name is given', async () => {
    expect((await (await open()).add({ ...newHub, name: '' }, never)).name).toBe('contoso.azure-devices.net')
  })

  test('saves nothing where the connection string is malformed', async () => {
    const hubs = await open()
    await expect(
      hubs.add({ connectionString: 'HostName=contoso', check: true }, never),
    ).rejects.toMatchObject({ field: 'connectionString' })
    expect(profiles.stored.hubs).toEqual([])
  })

  test('saves nothing where the hub refuses the key, unless the person insists', async () => {
    const hubs = await open()
    hub.failCheck = new AppError('unauthorized', 'The hub does not accept this key.')
    await expect(hubs.add(newHub, never)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(profiles.stored.hubs).toEqual([])
    expect(hub.isClosed).toBe(true)

    await hubs.add({ ...newHub, check: false }, never)
    expect(profiles.stored.hubs).toHaveLength(1)
  })

  test('points at a CA certificate that is none', async () => {
    await expect((await open()).add({ ...newHub, extraCa: 'garbage' }, never)).rejects.toMatchObject({
      field: 'extraCa',
    })
  })

  test('refuses the same hub and policy twice', async () => {
    const hubs = await open()
    await hubs.add(newHub, never)
    await expect(hubs.add(newHub, never)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('renews the key where the same hub and policy come with another', async () => {
    const hubs = await open()
    const { hubId } = await hubs.add({ ...newHub, name: 'Production' }, never)
    await hubs.configure(hubId, { tier: { sku: 'S2', units: 3 } })
    const renewed = connectionString.replace(key, Buffer.from('another key').toString('base64'))
    const profile = await hubs.add({ ...newHub, connectionString: renewed }, never)
    expect(profile).toMatchObject({
      hubId,
      name: 'Production',
      settings: { tier: { sku: 'S2', units: 3 } },
    })
    expect((await list(hubs)).hubs).toHaveLength(2)
    expect(opened.at(-1)?.sharedAccessKey).toBe(Buffer.from('another key').toString('base64'))
  })

  test("notes the owner's policy, which can do more than is needed", async () => {
    const profile = await (
      await open()
    ).add({ ...newHub, connectionString: connectionString.replace('service', 'iothubowner') }, never)
    expect(profile.notes).toEqual(['owner-policy'])
  })

  test('keeps the key in memory only where the system offers no protection, and says so', async () => {
    secrets.kind = 'session'
    const profile = await (await open()).add(newHub, never)
    expect(profile.notes).toEqual(['session-only'])
    expect(profiles.stored.hubs).toEqual([])
  })
})

describe('after a restart', () => {
  test('the hub that was selected last is there again, with its connection', async () => {
    const { hubId } = await (await open()).add(newHub, never)
    const again = await open()
    expect((await list(again)).selected).toBe(hubId)
    expect(await again.gateway(hubId, never)).toBe(hub)
    expect(opened.at(-1)?.sharedAccessKey).toBe(key)
  })

  test('the local hub does not start where another hub is selected', async () => {
    await (await open()).add(newHub, never)
    const before = localHub.starts
    expect(localState(await list(await open()))).toBe('idle')
    expect(localHub.starts).toBe(before)
  })

  test('a key that was sealed elsewhere is asked for again, and the hub stays in the list', async () => {
    const { hubId } = await (await open()).add(newHub, never)
    secrets.canOpen = false
    const again = await open()
    expect(again.profile(hubId).state).toMatchObject({
      kind: 'failed',
      problem: { nextStep: expect.stringContaining('Add it again') as string },
    })
    expect(log.warnings).toEqual(['hub-reopen-failed'])
  })

  test('a removed hub is gone, and the local hub is selected', async () => {
    const hubs = await open()
    const { hubId } = await hubs.add(newHub, never)
    await hubs.remove(hubId)
    expect(hubs.profile(localHubId)).toBeDefined()
    expect(() => hubs.profile(hubId)).toThrow('no such hub')
    expect(profiles.stored).toEqual({ hubs: [], selected: localHubId, local: {} })
  })

  test('what was said of a hub is there again', async () => {
    const hubs = await open()
    const { hubId } = await hubs.add(newHub, never)
    await hubs.configure(hubId, { redundancyTag: 'site.rack' })
    await hubs.configure(localHubId, { tier: { sku: 'S1', units: 1 } })
    const again = await open()
    expect(again.settingsOf(hubId)).toEqual({ redundancyTag: 'site.rack' })
    expect(again.settingsOf(localHubId)).toEqual({ tier: { sku: 'S1', units: 1 } })
  })

  test('a hub that was never there is not found', async () => {
    await expect((await open()).select(HubId.parse('none'))).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('nothing that the window can see holds the key', async () => {
  const hubs = await open()
  await hubs.add(newHub, never)
  expect(JSON.stringify(await list(hubs))).not.toContain(key)
})

describe('a rehearsal', () => {
  const scenario = { groups: [] }

  test('has a hub of its own beside the one with the demo devices, which goes on', async () => {
    const hubs = await open()
    await list(hubs, (value) => localState(value) === 'ready')
    const profile = await hubs.rehearseOn(scenario)
    expect(profile).toMatchObject({ kind: 'local', isRehearsal: true, state: { kind: 'ready' } })
    const { hubs: both, selected } = await list(hubs, ({ hubs: all }) => all.length === 2)
    expect(selected).toBe(profile.hubId)
    expect(both.find(({ hubId }) => hubId === localHubId)?.state.kind).toBe('ready')
    expect([localHub.starts, localHub.stops, rehearsalHub.scenarios]).toEqual([1, 0, [scenario]])
  })

  test('ends with its process when it is removed, and leaves nothing behind', async () => {
    const hubs = await open()
    const { hubId } = await hubs.rehearseOn(scenario)
    await hubs.remove(hubId)
    expect([rehearsalHub.stops, localHub.stops, hubs.rehearsal]).toEqual([1, 0, undefined])
    expect(() => hubs.profile(hubId)).toThrow('no such hub')
    expect(profiles.stored).toMatchObject({ hubs: [], selected: localHubId })
  })

  test('gives way to the next one, whose devices are others under another id', async () => {
    const hubs = await open()
    const first = await hubs.rehearseOn(scenario)
    const second = await hubs.rehearseOn(scenario)
    expect(second.hubId).not.toBe(first.hubId)
    expect([rehearsalHub.starts, rehearsalHub.stops]).toEqual([2, 1])
    expect((await list(hubs)).hubs.map(({ hubId }) => hubId)).toEqual([localHubId, second.hubId])
  })

  test('that cannot start says why, and is gone', async () => {
    rehearsalHub.failure = new Error('EMFILE')
    const hubs = await open()
    await expect(hubs.rehearseOn(scenario)).rejects.toMatchObject({ code: 'unreachable' })
    expect((await list(hubs)).hubs).toHaveLength(1)
    expect(hubs.rehearsal).toBeUndefined()
  })

  test('whose process ends by itself says so, and the demo is not touched', async () => {
    const hubs = await open()
    await list(hubs, (value) => localState(value) === 'ready')
    const { hubId } = await hubs.rehearseOn(scenario)
    rehearsalHub.exit()
    expect(hubs.profile(hubId).state.kind).toBe('failed')
    expect(hubs.profile(localHubId).state.kind).toBe('ready')
  })

  test('is not there any more at the next start', async () => {
    const before = await open()
    await before.rehearseOn(scenario)
    await before.close()
    const { hubs, selected } = await list(await open())
    expect([hubs.length, selected]).toEqual([1, localHubId])
    expect(rehearsalHub.stops).toBe(1)
  })
})
