import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import type { Hub } from '../hub/hub.ts'
import { addTwin, askPage } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'
import type { Cursor } from './run-query.ts'

interface Device {
  readonly kind: string | number | boolean | undefined
  readonly n: number | undefined
}

const device: fc.Arbitrary<Device> = fc.record({
  kind: fc.option(fc.oneof(fc.constantFrom('x', 'y', '1'), fc.integer({ min: 0, max: 1 }), fc.boolean()), {
    nil: undefined,
  }),
  n: fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined }),
})
const fleet = fc.array(device, { maxLength: 20 })
const timeout = 60_000
const pageSize = fc.integer({ min: 1, max: 7 })

function hubWith(devices: readonly Device[]): Hub {
  const hub = newHub()
  for (const [index, { kind, n }] of devices.entries()) {
    const tags = kind === undefined ? {} : { kind }
    addTwin(hub, `d${index}`, { tags, reported: n === undefined ? {} : { n } })
  }
  return hub
}

/** All pages of a query, one after the other. */
function allRows(hub: Hub, sql: string, size: number): readonly Readonly<Record<string, unknown>>[] {
  const rows: Readonly<Record<string, unknown>>[] = []
  let cursor: Cursor | undefined = undefined
  do {
    const page = askPage(hub, sql, { pageSize: size, ...(cursor && { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(size)
    rows.push(...page.items)
    cursor = page.next
  } while (cursor)
  return rows
}

/** Without what is not there. */
function row(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

test(
  'aggregates over groups are what plain arithmetic makes of them, whatever the size of the pages',
  { timeout },
  () => {
    const columns =
      'COUNT() AS c, SUM(properties.reported.n) AS s, AVG(properties.reported.n) AS a, MIN(properties.reported.n) AS l, MAX(properties.reported.n) AS h'
    fc.assert(
      fc.property(fleet, pageSize, (devices, size) => {
        const sql = `SELECT tags.kind AS k, ${columns} FROM devices GROUP BY tags.kind`
        const groups = Map.groupBy(devices, ({ kind }) => kind)
        const expected = [...groups].map(([k, members]) => {
          const numbers = members.flatMap(({ n }) => n ?? [])
          const sum = numbers.reduce((total, n) => total + n, 0)
          const some = numbers.length > 0
          return row({
            k,
            c: members.length,
            s: some ? sum : undefined,
            a: some ? sum / numbers.length : undefined,
            l: some ? Math.min(...numbers) : undefined,
            h: some ? Math.max(...numbers) : undefined,
          })
        })
        expect(allRows(hubWith(devices), sql, size)).toEqual(expected)
      }),
      { numRuns: rounds(200, 1500) },
    )
  },
)

test('columns are picked and named as asked, and TOP and pages cut where they should', { timeout }, () => {
  fc.assert(
    fc.property(fleet, pageSize, fc.option(fc.integer({ min: 1, max: 25 })), (devices, size, top) => {
      const sql = `SELECT ${top === null ? '' : `TOP ${top} `}deviceId, properties.reported.n AS number, tags.kind FROM devices WHERE NOT properties.reported.n > 0`
      const expected = devices
        .map(({ kind, n }, index) => ({ deviceId: `d${index}`, number: n, kind }))
        .filter(({ number }) => number !== undefined && number <= 0)
        .slice(0, top ?? undefined)
        .map(row)
      expect(allRows(hubWith(devices), sql, size)).toEqual(expected)
    }),
    { numRuns: rounds(200, 1500) },
  )
})
