import { describe, expect, test } from 'vitest'
import type { TransportChoice } from './domain/transport-choice.ts'
import { hubConnector } from './hub-connector.ts'
import type { Remembered } from './ports/connection-record.ts'
import type { HubConnection } from './ports/hub-connection.ts'
import type { Attempt, HubIdentity } from './ports/hub-identity.ts'
import { fakeClock } from './testing/fake-clock.ts'

const connection: HubConnection = {
  lost: new Promise(() => undefined),
  watchDesired: () => undefined,
  readTwin: () => Promise.resolve({ reported: {}, desired: {} }),
  report: () => Promise.resolve(),
  close: () => Promise.resolve(),
  cut: () => undefined,
}

const who: HubIdentity = {
  hostName: 'hub.example',
  deviceId: 'pump',
  gatewayHostName: undefined,
  credentials: { kind: 'key', key: 'c2VjcmV0' },
}

const refusal =
  'mqtt.js returned Failure on first connection (Not authorized): Connection refused: Not authorized'

/** A world in which each attempt ends as the test has said, and well when it has said nothing. */
function newWorld(known: Remembered = {}, allowed: TransportChoice['allowed'] = ['mqtt', 'mqtt-websocket']) {
  const endings: (string | undefined)[] = []
  const attempts: Attempt[] = []
  const asked: string[] = []
  const events: string[] = []
  const world = {
    ...{ endings, attempts, asked, events, known, clock: fakeClock() },
    doubts: 0,
    time: 'right' as 'corrected' | 'right' | 'unknown',
    identityFails: undefined as string | undefined,
    recordFails: false,
  }
  const connect = hubConnector({
    identity: {
      host: 'dps.example',
      current: () =>
        world.identityFails === undefined
          ? Promise.resolve(who)
          : Promise.reject(new Error(world.identityFails)),
      doubt: () => void (world.doubts += 1),
    },
    open: (_identity, _handlers, attempt) => {
      attempts.push(attempt)
      const ending = endings.shift()
      return ending === undefined ? Promise.resolve(connection) : Promise.reject(new Error(ending))
    },
    allowed,
    record: {
      get known() {
        return world.known
      },
      remember(news) {
        world.known = { ...world.known, ...news }
        return world.recordFails ? Promise.reject(new Error('EROFS')) : Promise.resolve()
      },
    },
    time: {
      ask: (host) => {
        asked.push(host)
        return Promise.resolve(world.time)
      },
      askOnce: (host) => {
        asked.push(`once ${host}`)
        return Promise.resolve()
      },
      remember: () => Promise.resolve(),
    },
    clock: world.clock,
    log: (event) => void events.push(event),
  })
  /** Resolves with the message when it fails. */
  const tryOnce = () =>
    connect(new Map()).then(
      () => 'connected',
      (error: unknown) => (error instanceof Error ? error.message : 'no error'),
    )
  return Object.assign(world, { tryOnce, ways: () => attempts.map(({ transport }) => transport) })
}

describe('a way that is blocked', () => {
  test('is left for the other one, and the one that leads to the hub is remembered', async () => {
    const world = newWorld()
    world.endings.push('connect with mqtt: no answer within 20000 ms')
    expect(await world.tryOnce()).toContain('no answer')
    expect(await world.tryOnce()).toBe('connected')
    expect(world.ways()).toEqual(['mqtt', 'mqtt-websocket'])
    expect(world.known.transport).toBe('mqtt-websocket')
    expect(await world.tryOnce()).toBe('connected')
    expect(world.ways()[2]).toBe('mqtt-websocket')
  })

  test('is given up sooner than one that is proven', async () => {
    const world = newWorld({ transport: 'mqtt' })
    world.endings.push('ECONNRESET', 'ECONNRESET')
    for (const _ of [1, 2, 3]) await world.tryOnce()
    const [proven, again, other] = world.attempts.map(({ deadlineMs }) => deadlineMs)
    expect(again).toBeLessThan(proven ?? 0)
    expect(other).toBe(again)
  })

  test('is all there is where nothing else is allowed', async () => {
    const world = newWorld({}, ['mqtt'])
    world.endings.push('ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED')
    for (const _ of [1, 2, 3, 4]) await world.tryOnce()
    expect(new Set(world.ways())).toEqual(new Set(['mqtt']))
  })

  test('that works again after a day of failures is found', async () => {
    const world = newWorld({ transport: 'mqtt' })
    for (let count = 0; count < 2_000; count += 1) world.endings.push('ENETUNREACH')
    for (let count = 0; count < 2_000; count += 1) await world.tryOnce()
    expect(await world.tryOnce()).toBe('connected')
    expect(new Set(world.ways().slice(-4))).toEqual(new Set(['mqtt', 'mqtt-websocket']))
  })
})

describe('a refusal', () => {
  test('is no reason to take another way, but to ask what time it is', async () => {
    const world = newWorld()
    world.time = 'corrected'
    world.endings.push(refusal)
    expect(await world.tryOnce()).toBe(refusal)
    expect(world.asked).toEqual(['hub.example'])
    expect(world.doubts).toBe(0)
    await world.tryOnce()
    expect(world.ways()).toEqual(['mqtt', 'mqtt'])
  })

  test.each(['right', 'unknown'] as const)(
    'with a clock that is %s makes the identity doubtful',
    async (time) => {
      const world = newWorld()
      world.time = time
      world.endings.push(refusal)
      await world.tryOnce()
      expect(world.doubts).toBe(1)
    },
  )

  test('by the provisioning service is taken to be about the time as well', async () => {
    const world = newWorld()
    world.identityFails = 'dps.example refuses this device: not enrolled'
    await world.tryOnce()
    expect(world.asked).toEqual(['dps.example'])
    expect(world.attempts).toEqual([])
  })
})

test('a hub that is not there any more makes the identity doubtful, and the other way is tried', async () => {
  const world = newWorld()
  world.endings.push('getaddrinfo ENOTFOUND hub.example')
  await world.tryOnce()
  await world.tryOnce()
  expect(world.doubts).toBe(1)
  expect(world.ways()).toEqual(['mqtt', 'mqtt-websocket'])
})

test('a certificate that is not valid yet points to the clock of this machine', async () => {
  const world = newWorld()
  world.endings.push('certificate is not yet valid')
  await world.tryOnce()
  await world.tryOnce()
  expect(world.events).toContain('clock-doubtful')
  expect(world.ways()).toEqual(['mqtt', 'mqtt'])
})

test('that the clock blocks the way is remembered for a person, once, until there is a connection', async () => {
  const world = newWorld()
  world.endings.push('certificate is not yet valid', 'certificate is not yet valid', 'ECONNRESET')
  await world.tryOnce()
  const since = world.known.clockBlocksSince
  expect(since).toBe('2026-01-01T00:00:00.000Z')
  await world.clock.advance(60_000)
  await world.tryOnce()
  await world.tryOnce()
  expect(world.known.clockBlocksSince).toBe(since)
  expect(await world.tryOnce()).toBe('connected')
  expect(world.known.clockBlocksSince).toBeUndefined()
})

test('a record that cannot be written keeps nobody from the hub', async () => {
  const world = newWorld()
  world.recordFails = true
  expect(await world.tryOnce()).toBe('connected')
  await Promise.resolve()
  expect(world.events).toContain('not-stored')
})

test('each connection is an occasion to learn the time', async () => {
  const world = newWorld()
  await world.tryOnce()
  expect(world.asked).toEqual(['once hub.example'])
})
