import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDevice, connectDevice, report } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openService, pagesOf, refusalOf, rowsOf } from './support/service.ts'
import type { Row, Service } from './support/service.ts'
import { openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let connected: SdkDevice

const count = 25
const id = (name: string | number) => `${target.prefix}${name}`

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  const devices = Array.from({ length: count }, (_, index) => ({ deviceId: id(index) }))
  await service.registry.addDevices(devices)
  await Promise.all(
    devices.map(({ deviceId }, index) =>
      service.registry.updateTwin(
        deviceId,
        { tags: { run: target.prefix, even: index % 2 === 0, "it's": index } },
        '*',
      ),
    ),
  )
  connected = await connectDevice(target, service, id("quote'd"))
  await service.registry.updateTwin(
    connected.deviceId,
    { tags: { run: target.prefix }, properties: { desired: { rate: 7 } } },
    '*',
  )
  await report(await connected.client.getTwin(), {
    iothubDM: { reboot: { status: 'succeeded', attempt: 2 } },
    'odd-name': true,
  })
})

afterAll(async () => {
  await closeDevice(connected.client)
  const devices = Array.from({ length: count }, (_, index) => ({ deviceId: id(index) }))
  await service.registry.removeDevices([...devices, { deviceId: connected.deviceId }], true)
  await target.close()
})

/** The ids that a condition finds in this run, without the run's prefix. */
async function found(condition: string, expected: number): Promise<readonly string[]> {
  const sql = `SELECT deviceId FROM devices WHERE tags.run = '${target.prefix}' AND (${condition})`
  const rows = await eventually(
    () => rowsOf(service, sql),
    ({ length }) => length === expected,
  )
  return rows.map(({ deviceId }) => String(deviceId).slice(target.prefix.length))
}

test('Query.next with its token shows every device once, page by page', async () => {
  const sql = `SELECT deviceId FROM devices WHERE tags.run = '${target.prefix}'`
  const pages = await eventually(
    () => pagesOf(service, sql, 10),
    (answer) => answer.flat().length === count + 1,
  )
  expect(pages.map(({ length }) => length)).toEqual([10, 10, 6])
  expect(new Set(pages.flat().map(({ deviceId }) => deviceId)).size).toBe(count + 1)
})

test('a page that holds exactly the rest is the last one', async () => {
  const sql = `SELECT deviceId FROM devices WHERE tags.run = '${target.prefix}' AND tags.even = true`
  const pages = await eventually(
    () => pagesOf(service, sql, 13),
    (answer) => answer.flat().length === 13,
  )
  expect(pages).toHaveLength(1)
})

test('Query.nextAsTwin makes twins of SELECT *', async () => {
  const query = service.registry.createQuery(`SELECT * FROM devices WHERE deviceId = '${id(0)}'`, 1)
  const { result: twins } = await query.nextAsTwin()
  expect(twins[0]?.deviceId).toBe(id(0))
  expect(twins[0]?.tags).toMatchObject({ run: target.prefix })
})

test('a projection has the aliases and leaves out what a device does not have', async () => {
  const select =
    'SELECT deviceId, status, connectionState, lastActivityTime, properties.reported.iothubDM AS dm'
  const row = await rowOf(`${select} FROM devices WHERE deviceId = '${id("quote''d")}'`)
  expect(row).toMatchObject({ deviceId: connected.deviceId, status: 'enabled', connectionState: 'Connected' })
  expect(row['dm']).toEqual({ reboot: { status: 'succeeded', attempt: 2 } })
  expect(await rowOf(`${select} FROM devices WHERE deviceId = '${id(1)}'`)).not.toHaveProperty('dm')
})

async function rowOf(sql: string): Promise<Row> {
  const [row] = await eventually(
    () => rowsOf(service, sql),
    ({ length }) => length === 1,
  )
  return row ?? {}
}

test('COUNT() counts what the condition finds', async () => {
  const sql = `SELECT COUNT() AS n FROM devices WHERE tags.run = '${target.prefix}' AND tags.even = false`
  await eventually(
    () => rowsOf(service, sql),
    ([row]) => row?.['n'] === 12,
  )
})

test.each([
  ['a tag', 'tags.even = true', 13],
  ['a bracketed tag', "tags.[[it's]] >= 20", 5],
  ['a desired property', 'properties.desired.rate > 6.5', 1],
  ['a nested reported property', "properties.reported.iothubDM.reboot.status IN ['succeeded', 'failed']", 1],
  ['the connection state', "connectionState = 'Connected'", 1],
  ['a timestamp', "lastActivityTime > '2020-01-01T00:00:00Z'", 1],
  ['NOT and parentheses', "NOT (tags.even = true OR tags.[[it's]] > 10)", 5],
  ['IS_DEFINED', 'IS_DEFINED(properties.reported.iothubDM)', 1],
  ['NOT IS_DEFINED', 'NOT IS_DEFINED(properties.reported.iothubDM)', 25],
  ['STARTSWITH', "STARTSWITH(deviceId, 'conformance-')", 26],
  ['a status', "status != 'disabled'", 26],
])('WHERE reads %s', async (_what, condition, expected) => {
  expect(await found(condition, expected)).toHaveLength(expected)
})

test('a device id with a quote is found with the quote doubled', async () => {
  expect(await found(`deviceId = '${id("quote''d")}'`, 1)).toEqual(["quote'd"])
})

test('a syntax error is refused as ArgumentError', async () => {
  const refusal = await refusalOf(rowsOf(service, 'SELECT * FROM devices WHERE tags.x ='))
  expect(refusal).toMatchObject({ name: 'ArgumentError', status: 400 })
})

test('a continuation of another query is refused', async () => {
  const first = service.registry.createQuery(`SELECT * FROM devices WHERE tags.run = '${target.prefix}'`, 1)
  await first.next('')
  const other = service.registry.createQuery('SELECT deviceId FROM devices', 1)
  expect(await refusalOf(other.next(first.continuationToken))).toMatchObject({ status: 400 })
})
