import { afterAll, beforeAll, expect, test } from 'vitest'
import { openService, refusalOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let deviceId: string

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  deviceId = `${target.prefix}twin`
  await service.registry.create({ deviceId })
})

afterAll(async () => {
  await service.registry.delete(deviceId)
  await target.close()
})

/** The twin as plain values; the SDK's object carries its registry. */
async function readTwin(): Promise<PlainTwin> {
  const { responseBody } = await service.registry.getTwin(deviceId)
  return JSON.parse(JSON.stringify(responseBody)) as PlainTwin
}

const patch = (change: object, etag = '*') => service.registry.updateTwin(deviceId, change, etag)

test('Registry.getTwin has every field that the documentation names', async () => {
  const twin = await readTwin()
  expect(twin).toMatchObject({
    deviceId,
    status: 'enabled',
    connectionState: 'Disconnected',
    cloudToDeviceMessageCount: 0,
    authenticationType: 'sas',
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
  })
  expect(Object.keys(twin)).toEqual(
    expect.arrayContaining(['etag', 'deviceEtag', 'statusUpdateTime', 'lastActivityTime', 'version']),
  )
  expect(twin.properties.desired['$version']).toBe(1)
})

test('Registry.getTwin of an unknown device is refused', async () => {
  expect(await refusalOf(service.registry.getTwin(`${target.prefix}nobody`))).toMatchObject({
    name: 'DeviceNotFoundError',
    status: 404,
  })
})

test('Registry.updateTwin merges tags and removes what is null', async () => {
  await patch({ tags: { site: { floor: 1, room: 'a' }, kind: 'pump' } })
  await patch({ tags: { site: { room: null, door: 2 }, kind: null } })
  expect((await readTwin()).tags).toEqual({ site: { floor: 1, door: 2 } })
})

test('Registry.updateTwin counts versions and stamps each desired leaf', async () => {
  const before = await readTwin()
  await patch({ properties: { desired: { rate: { slow: 1 }, list: [1, 2] } } })
  const { version, properties } = await readTwin()
  expect(version).toBeGreaterThan(before.version)
  expect(properties.desired).toMatchObject({ rate: { slow: 1 }, list: [1, 2] })
  expect(properties.desired['$version']).toBe(Number(before.properties.desired['$version']) + 1)
  const stamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string
  expect(properties.desired['$metadata']).toMatchObject({
    $lastUpdated: stamp,
    rate: { $lastUpdated: stamp, slow: { $lastUpdated: stamp } },
  })
})

test('Registry.updateTwin with the etag that was read succeeds once and then conflicts', async () => {
  const { etag } = await readTwin()
  await patch({ tags: { owner: 'first' } }, etag)
  const refusal = await refusalOf(patch({ tags: { owner: 'second' } }, etag))
  expect(refusal).toMatchObject({ name: 'InvalidEtagError', status: 412 })
  expect((await readTwin()).tags['owner']).toBe('first')
})

test.each([
  ['a dot in a tag name', { tags: { 'a.b': 1 } }],
  ['a dollar in a desired name', { properties: { desired: { $a: 1 } } }],
  ['a space in a tag name', { tags: { 'a b': 1 } }],
  ['a text over 4 KB', { tags: { long: 'x'.repeat(4097) } }],
  ['tags over 8 KB', { tags: { a: 'x'.repeat(4000), b: 'x'.repeat(4000), c: 'x'.repeat(1000) } }],
  [
    'eleven levels',
    { tags: { a: { b: { c: { d: { e: { f: { g: { h: { i: { j: { k: { l: 1 } } } } } } } } } } } } },
  ],
  ['null in an array', { tags: { list: [1, { a: null }] } }],
  ['an integer beyond 2^52', { tags: { big: 2 ** 53 } }],
  ['tags that are a list', { tags: [1] }],
])('Registry.updateTwin refuses %s', async (_what, change) => {
  const before = await readTwin()
  expect(await refusalOf(patch(change))).toMatchObject({ name: 'ArgumentError', status: 400 })
  expect((await readTwin()).tags).toEqual(before.tags)
})

test('Registry.updateTwin takes ten levels, as the documentation shows them', async () => {
  const ten = { a: { b: { c: { d: { e: { f: { g: { h: { i: { j: { property: 'value' } } } } } } } } } } }
  await patch({ tags: ten })
  expect((await readTwin()).tags).toMatchObject(ten)
  await patch({ tags: { a: null } })
})

test('a tag called __proto__ is a tag and pollutes nothing', async () => {
  await service.registry.updateTwin(deviceId, JSON.parse('{"tags":{"__proto__":{"polluted":1}}}'), '*')
  const { responseBody } = await service.registry.getTwin(deviceId)
  expect(JSON.stringify(responseBody.tags)).not.toContain('undefined')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  await service.registry.updateTwin(deviceId, JSON.parse('{"tags":{"__proto__":null}}'), '*')
})

interface PlainTwin {
  readonly etag: string
  readonly version: number
  readonly tags: Readonly<Record<string, unknown>>
  readonly properties: {
    readonly desired: Readonly<Record<string, unknown>>
    readonly reported: Readonly<Record<string, unknown>>
  }
}
