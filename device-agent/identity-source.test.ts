import { describe, expect, test } from 'vitest'
import { fixedIdentity, provisionedIdentity, type AssignedHub } from './identity-source.ts'
import type { Remembered } from './ports/connection-record.ts'
import type { Attempt, Credentials } from './ports/hub-identity.ts'

const attempt: Attempt = { transport: 'mqtt', deadlineMs: 20_000 }
const credentials: Credentials = { kind: 'key', key: 'c2VjcmV0' }
const enrolment = { host: 'dps.example', idScope: '0ne', registrationId: 'pump' }
const [first, second] = ['first', 'second'].map((name) => ({ hostName: `${name}.example`, deviceId: 'pump' }))

function newSource(known: Remembered = {}, answers: (AssignedHub | undefined | string)[] = []) {
  const world = { known, asked: [] as Attempt[], saved: 0 }
  const source = provisionedIdentity({
    enrolment,
    gatewayHostName: 'edge.example',
    readCredentials: () => Promise.resolve(credentials),
    register: (_enrolment, _credentials, how) => {
      world.asked.push(how)
      const answer = answers.shift()
      return typeof answer === 'object'
        ? Promise.resolve(answer)
        : Promise.reject(new Error(answer ?? 'away'))
    },
    record: {
      get known() {
        return world.known
      },
      remember(news) {
        world.known = { ...world.known, ...news }
        world.saved += 1
        return Promise.resolve()
      },
    },
    log: () => undefined,
  })
  return Object.assign(world, { source, current: () => source.current(attempt) })
}

const remembered: Remembered = {
  assignment: { enrolment: 'dps.example/0ne/pump', hostName: 'first.example', deviceId: 'pump' },
}

describe('a device that is provisioned', () => {
  test('asks once, in the way of the attempt, and keeps the answer before it uses it', async () => {
    const world = newSource({}, [first])
    const identity = {
      hostName: 'first.example',
      deviceId: 'pump',
      gatewayHostName: 'edge.example',
      credentials,
    }
    expect(await world.current()).toEqual(identity)
    expect(world.known).toEqual(remembered)
    expect(await world.current()).toEqual(identity)
    expect(world.asked).toEqual([attempt])
  })

  test('asks nobody when it knows its hub from an earlier start', async () => {
    const world = newSource(remembered)
    expect(await world.current()).toMatchObject({ hostName: 'first.example' })
    expect([world.asked.length, world.saved]).toEqual([0, 0])
  })

  test('asks anew when it is enrolled as somebody else than before', async () => {
    const other = { enrolment: 'dps.example/0ne/valve', hostName: 'old.example', deviceId: 'valve' }
    const world = newSource({ assignment: other }, [second])
    expect(await world.current()).toMatchObject({ hostName: 'second.example' })
  })

  test('asks again after a doubt, and goes where it is told', async () => {
    const world = newSource(remembered, [second])
    world.source.doubt()
    expect(await world.current()).toMatchObject({ hostName: 'second.example' })
    expect(await world.current()).toMatchObject({ hostName: 'second.example' })
    expect(world.asked).toHaveLength(1)
  })

  test('returns to the hub that it knows when the service is away', async () => {
    const world = newSource(remembered)
    world.source.doubt()
    await expect(world.current()).rejects.toThrow('away')
    expect(await world.current()).toMatchObject({ hostName: 'first.example' })
  })

  test('is nobody as long as the service has not answered', async () => {
    const world = newSource({}, ['away', 'not enrolled', first])
    await expect(world.current()).rejects.toThrow('away')
    await expect(world.current()).rejects.toThrow('not enrolled')
    expect(await world.current()).toMatchObject({ hostName: 'first.example' })
  })
})

test('a device that knows its hub reads what proves it each time, and doubts nothing', async () => {
  let reads = 0
  const place = { hostName: 'hub.example', deviceId: 'pump', gatewayHostName: undefined }
  const source = fixedIdentity(place, () => Promise.resolve({ kind: 'key', key: String(++reads) }))
  source.doubt()
  expect(await source.current(attempt)).toEqual({ ...place, credentials: { kind: 'key', key: '1' } })
  expect(await source.current(attempt)).toMatchObject({ credentials: { key: '2' } })
  expect(source.host).toBe('hub.example')
  const behind = { ...place, gatewayHostName: 'edge.example:8883' }
  expect(fixedIdentity(behind, () => Promise.reject(new Error())).host).toBe('edge.example')
})
