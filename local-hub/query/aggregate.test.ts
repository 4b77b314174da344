import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTwin, askPage } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'

const hub = newHub()
addTwin(hub, 'a', {
  tags: { kind: 'pump', n: 4, mixed: 'x', at: '2026-01-01T00:00:00Z' },
  reported: { s: { x: 1, y: 2 } },
})
addTwin(hub, 'b', {
  tags: { kind: 'pump', n: 1, mixed: 7, at: '2025-12-31T23:59:59.5Z' },
  reported: { s: { x: 1, y: 3 } },
})
addTwin(hub, 'c', { tags: { kind: 'fan', n: '9', mixed: true }, reported: { s: { x: 1, y: 2 } } })
addTwin(hub, 'd', { tags: { n: 10 } })

const rows = (sql: string) => askPage(hub, sql).items

describe('over all rows', () => {
  test('numbers are summed and averaged, and what is no number is left out', () => {
    expect(rows('SELECT SUM(tags.n) AS sum, AVG(tags.n) AS mean, COUNT() AS count FROM devices')).toEqual([
      { sum: 15, mean: 5, count: 4 },
    ])
  })

  test('MIN and MAX take numbers before texts, and texts that are timestamps as moments', () => {
    const sql =
      'SELECT MIN(tags.mixed) AS a, MAX(tags.mixed) AS b, MIN(tags.at) AS c, MAX(tags.n) AS d FROM devices'
    expect(rows(sql)).toEqual([{ a: 7, b: 'x', c: '2025-12-31T23:59:59.5Z', d: '9' }])
  })

  test('of no rows the count is zero, and all else is left out', () => {
    expect(
      rows("SELECT COUNT() AS n, SUM(tags.n) AS s, MIN(tags.n) AS m FROM devices WHERE deviceId = 'x'"),
    ).toEqual([{ n: 0 }])
  })

  test('the answer is no twin', () => {
    expect(askPage(hub, 'SELECT COUNT() AS n FROM devices')).toMatchObject({
      itemType: 'Raw',
      next: undefined,
    })
  })
})

describe('GROUP BY', () => {
  test('answers one row per value, and one without it for the devices that have none', () => {
    expect(rows('SELECT tags.kind AS kind, COUNT() AS n FROM devices GROUP BY tags.kind')).toEqual([
      { kind: 'pump', n: 2 },
      { kind: 'fan', n: 1 },
      { n: 1 },
    ])
  })

  test('comes after WHERE', () => {
    const sql = 'SELECT tags.kind, MAX(tags.n) AS most FROM devices WHERE tags.n > 1 GROUP BY tags.kind'
    expect(rows(sql)).toEqual([{ kind: 'pump', most: 4 }, { most: 10 }])
  })

  test('the column may be spelled with another case of what the service names', () => {
    expect(rows('SELECT Status, COUNT() AS n FROM devices GROUP BY STATUS')).toEqual([
      { status: 'enabled', n: 4 },
    ])
  })

  test('without an aggregate answers the different values', () => {
    expect(rows('SELECT tags.kind FROM devices GROUP BY tags.kind')).toEqual([
      { kind: 'pump' },
      { kind: 'fan' },
      {},
    ])
  })

  test('equal objects are one group', () => {
    const sql = 'SELECT properties.reported.s AS s, COUNT() AS n FROM devices GROUP BY properties.reported.s'
    expect(rows(sql).map(({ n }) => n)).toEqual([2, 1, 1])
  })

  test('of no rows there are no groups', () => {
    expect(rows("SELECT tags.kind FROM devices WHERE deviceId = 'x' GROUP BY tags.kind")).toEqual([])
  })

  test('pages and TOP count groups', () => {
    const sql = 'SELECT deviceId FROM devices GROUP BY deviceId'
    const first = askPage(hub, sql, { pageSize: 3 })
    const second = askPage(hub, sql, { pageSize: 3, ...(first.next && { cursor: first.next }) })
    expect([first.items.length, second.items, second.next]).toEqual([3, [{ deviceId: 'd' }], undefined])
    expect(askPage(hub, sql, { pageSize: 4 }).next).toBeUndefined()
    const top = askPage(hub, 'SELECT TOP 3 deviceId FROM devices GROUP BY deviceId', { pageSize: 2 })
    expect(
      askPage(hub, 'SELECT TOP 3 deviceId FROM devices GROUP BY deviceId', {
        pageSize: 2,
        ...(top.next && { cursor: top.next }),
      }),
    ).toMatchObject({
      items: [{ deviceId: 'c' }],
      next: undefined,
    })
  })
})

test('groups agree with a plain count of any tags', () => {
  const tag = fc.option(
    fc.oneof(fc.constantFrom('x', 'y', '__proto__'), fc.integer({ min: 0, max: 2 }), fc.boolean()),
  )
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 12 }), (values) => {
      const many = newHub()
      for (const [index, v] of values.entries()) addTwin(many, `d${index}`, { tags: { v } })
      const { items } = askPage(many, 'SELECT tags.v AS v, COUNT() AS n FROM devices GROUP BY tags.v')
      const expected = new Map<unknown, number>()
      for (const v of values) expected.set(v ?? undefined, (expected.get(v ?? undefined) ?? 0) + 1)
      expect(new Map(items.map((row) => [row['v'], row['n']]))).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})
