import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { openService, refusalOf, rowsOf } from './support/service.ts'
import type { Row, Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service

const id = (index: number) => `${target.prefix}${index}`
const ids = () => Array.from({ length: 6 }, (_, index) => ({ deviceId: id(index) }))

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
  await service.registry.addDevices(ids())
  await Promise.all(
    ids().map(({ deviceId }, index) =>
      service.registry.updateTwin(
        deviceId,
        { tags: { run: target.prefix, kind: index < 4 ? 'pump' : 'fan', floor: index, group: 'g' } },
        '*',
      ),
    ),
  )
  // A real hub's queries lag.
  await eventually(
    () => ask('SELECT deviceId'),
    ({ length }) => length === 6,
  )
})

afterAll(async () => {
  await service.registry.removeDevices(ids(), true)
  await target.close()
})

/** The rows of this run. */
function ask(select: string, rest = ''): Promise<readonly Row[]> {
  return rowsOf(service, `${select} FROM devices WHERE tags.run = '${target.prefix}'${rest}`)
}

test('GROUP BY counts the devices of each value', async () => {
  const rows = await ask('SELECT tags.kind AS kind, COUNT() AS n', ' GROUP BY tags.kind')
  expect(rows.toSorted((left, right) => Number(left['n']) - Number(right['n']))).toEqual([
    { kind: 'fan', n: 2 },
    { kind: 'pump', n: 4 },
  ])
})

test('aggregates compute over numbers', async () => {
  const select =
    'SELECT SUM(tags.floor) AS sum, AVG(tags.floor) AS mean, MIN(tags.floor) AS least, MAX(tags.floor) AS most'
  expect(await ask(select)).toEqual([{ sum: 15, mean: 2.5, least: 0, most: 5 }])
})

test('a property without an alias is named as the service spells it', async () => {
  const [row] = await ask('SELECT DeviceId, Status', ' AND tags.floor = 0')
  expect(row).toEqual({ deviceId: id(0), status: 'enabled' })
})

test.each([
  ['arithmetic', 'tags.floor * 2 - 1 = 5', 1],
  ['a reserved word in brackets', "tags.[[group]] = 'g'", 6],
  ['IN and NIN', 'tags.floor IN [1, 2, 99] AND tags.floor NIN [2]', 1],
  ['a comparison with another type', "tags.floor = '1' OR tags.floor != '1'", 0],
  ['a comparison with what is missing', 'tags.nothing != 1', 0],
])('WHERE reads %s', async (_what, condition, expected) => {
  expect(await ask('SELECT deviceId', ` AND (${condition})`)).toHaveLength(expected)
})

test.each([
  'SELECT * FROM devices ORDER BY deviceId',
  'SELECT * FROM devices WHERE tags.group = 1',
  'SELECT * FROM devices WHERE',
  'SELECT FROM devices',
])('%s is refused as ArgumentError', async (sql) => {
  expect(await refusalOf(rowsOf(service, sql))).toMatchObject({ name: 'ArgumentError', status: 400 })
})

test('a query of more than 8192 characters is refused', async () => {
  const sql = `SELECT * FROM devices WHERE deviceId IN [${"'x',".repeat(2100)}'x']`
  expect(await refusalOf(rowsOf(service, sql))).toMatchObject({ status: 412 })
})

describe.skipIf(localOnly)(localTitle('on the local hub', 'ownChoice'), () => {
  test('a mistake is named with its position', async () => {
    const { body } = await refusalOf(rowsOf(service, 'SELECT * FROM devices WHERE tags.x ='))
    expect(body).toContain('position 37')
  })

  test('functions run over twins', async () => {
    const condition = ` AND STARTS_WITH(UPPER(tags.kind), 'PU') AND ABS(tags.floor - 3) < 2`
    expect(await ask('SELECT tags.floor', condition)).toEqual([{ floor: 2 }, { floor: 3 }])
  })

  test('TOP ends after so many rows, on whatever page', async () => {
    const sql = `SELECT TOP 5 deviceId FROM devices WHERE tags.run = '${target.prefix}'`
    expect(await rowsOf(service, sql, 2)).toHaveLength(5)
  })

  test('a continuation with another page size is refused', async () => {
    const sql = `SELECT * FROM devices WHERE tags.run = '${target.prefix}'`
    const first = service.registry.createQuery(sql, 2)
    await first.next('')
    const other = service.registry.createQuery(sql, 3)
    expect(await refusalOf(other.next(first.continuationToken))).toMatchObject({ status: 400 })
  })
})
