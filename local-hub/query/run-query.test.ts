import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTwin, askPage, idsWhere } from '../testing/ask-hub.ts'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { twinView } from '../hub/twin-view.ts'
import type { JsonObject } from '../hub/json.ts'
import { anyCollection, resolvePath } from './collection.ts'
import { firstPage, runQuery } from './run-query.ts'
import type { Cursor } from './run-query.ts'
import { deviceTwins, moduleTwins } from './twin-collection.ts'

const hub = newHub()
addTwin(hub, 'pump-1', {
  tags: { kind: 'pump', floor: 1, on: true, site: { 'a-b': 1 }, list: [1, 2], in: 'x', order: 7 },
  reported: { fw: '1.0', battery: { level: 80 } },
})
addTwin(hub, 'pump-2', { tags: { kind: 'pump', floor: 2, on: false }, reported: { fw: '1.1' } })
addTwin(hub, "fan'3", { tags: { kind: 'fan', floor: '2' } })
connectFake(hub, 'pump-2')

const run = (sql: string, pageSize?: number, cursor?: Cursor) =>
  askPage(hub, sql, { ...(pageSize !== undefined && { pageSize }), ...(cursor && { cursor }) })
const find = (condition: string) => idsWhere(hub, condition)

describe('WHERE', () => {
  test.each([
    ["deviceId = 'pump-1'", ['pump-1']],
    ['deviceId = "pump-1"', ['pump-1']],
    ["deviceId = 'fan''3'", ["fan'3"]],
    [String.raw`deviceId = 'fan\'3'`, ["fan'3"]],
    [`deviceId = "fan'3"`, ["fan'3"]],
    [String.raw`deviceId = 'pump\u002d1'`, ['pump-1']],
    ["deviceid = 'pump-1'", ['pump-1']],
    ["connectionState = 'Connected'", ['pump-2']],
    ["lastActivityTime >= '2026-01-01T00:00:00Z'", ['pump-2']],
    ["lastActivityTime < '2020-01-01T00:00:00Z'", ['pump-1', "fan'3"]],
    ["status = 'enabled' AND tags.kind = 'fan'", ["fan'3"]],
    ['tags.floor = 2', ['pump-2']],
    ["tags.floor = '2'", ["fan'3"]],
    ['tags.floor != 2', ['pump-1']],
    ['tags.floor <> 2', ['pump-1']],
    ['tags.floor >= 1', ['pump-1', 'pump-2']],
    ['tags.floor > 1.5e0', ['pump-2']],
    ['2 > tags.floor', ['pump-1']],
    ['tags.floor > -1', ['pump-1', 'pump-2']],
    ['tags.on = true', ['pump-1']],
    ['tags.on', ['pump-1']],
    ['NOT tags.on = true', ['pump-2']],
    ['tags.on > false', []],
    ["tags.kind < 'g'", ["fan'3"]],
    ["tags.kind IN ['fan', 'heater', 3]", ["fan'3"]],
    ["tags.kind NIN ['fan']", ['pump-1', 'pump-2']],
    ['tags.missing NIN [1]', []],
    ['tags.kind IN []', []],
    ['tags.[[kind]] = "fan"', ["fan'3"]],
    ['tags.site.[[a-b]] = 1', ['pump-1']],
    ["tags.site['a-b'] = 1", ['pump-1']],
    ["tags.[[in]] = 'x'", ['pump-1']],
    ["tags[[in]] = 'x'", ['pump-1']],
    ['tags.order = 7', ['pump-1']],
    ["devices.tags.kind = 'fan'", ["fan'3"]],
    ['tags.floor + 1 = 2', ['pump-1']],
    ['tags.floor-1=0', ['pump-1']],
    ['1 + 2 * tags.floor = 5', ['pump-2']],
    ['(1 + 2) * tags.floor = 6', ['pump-2']],
    ['10 - 4 - 3 = tags.floor + 1', ['pump-2']],
    ['tags.floor % 2 = 0', ['pump-2']],
    ['-tags.floor = - 1', ['pump-1']],
    ['- - tags.floor = 1', ['pump-1']],
    ['NOT NOT NOT tags.on = true', ['pump-2']],
    ['tags.floor / 0 > 0 OR NOT (tags.floor / 0 > 0)', []],
    ['tags.kind + 1 = 1', []],
    ['tags.floor = 0x2', ['pump-2']],
    ['properties.reported.battery.level = .8e2', ['pump-1']],
    ['(tags.floor = 1) = true', ['pump-1']],
    ['NOT tags.on', ['pump-2']],
    ['tags.floor', []],
    ['tags.kind = undefined', []],
    ['IS_DEFINED(undefined)', []],
    ["IS_ARRAY(['a', -1, null])", ['pump-1', 'pump-2', "fan'3"]],
    ['tags.floor IN [1, -2]', ['pump-1']],
    ['tags.floor NIN [1]', ['pump-2']],
    ["tags.floor NIN [1, 'x']", []],
    ['tags.kind != null OR null != tags.kind', []],
    ['properties.reported = properties.reported OR tags.site = tags.site', []],
    ['properties.reported.$metadata.fw.constructor = 1 OR IS_DEFINED(tags.kind.length)', []],
    ['properties.reported.battery.level > 50', ['pump-1']],
    ['properties.reported.$version = 2', ['pump-1', 'pump-2', "fan'3"]],
    ["properties.reported.$metadata.fw.$lastUpdated > '2025-01-01T00:00:00Z'", ['pump-1', 'pump-2']],
    ['IS_DEFINED(properties.reported.fw)', ['pump-1', 'pump-2']],
    ['NOT is_defined(properties.reported.fw)', ["fan'3"]],
    ['IS_NULL(tags.kind)', []],
    ['IS_STRING(tags.floor)', ["fan'3"]],
    ['IS_NUMBER(tags.floor) AND IS_BOOL(tags.on)', ['pump-1', 'pump-2']],
    ['IS_OBJECT(tags.site)', ['pump-1']],
    ["STARTSWITH(deviceId, 'pump') AND ENDSWITH(deviceId, '1')", ['pump-1']],
    ["CONTAINS(tags.kind, 'a')", ["fan'3"]],
    ["CONTAINS(tags.floor, '2')", ["fan'3"]],
    ['tags.floor = 1 OR tags.floor = 2 AND tags.on = true', ['pump-1']],
    ['(tags.floor = 1 OR tags.floor = 2) AND tags.on = false', ['pump-2']],
    ['NOT (tags.floor = 1 OR tags.floor = 2)', []],
    ['tags.constructor = 1 OR IS_DEFINED(tags.__proto__) OR IS_DEFINED(tags.list.length)', []],
    ['tags.missing = 1 OR tags.floor = 1', ['pump-1']],
    ['tags.missing = tags.missing', []],
    ['tags.kind = tags.kind', ['pump-1', 'pump-2', "fan'3"]],
    ['true', ['pump-1', 'pump-2', "fan'3"]],
    ['tags.kind = null', []],
  ])('%s finds %j', (condition, expected) => {
    expect(find(condition)).toEqual(expected)
  })

  test('any text comes back from its literal', { timeout: 60_000 }, () => {
    const one = newHub()
    addDevice(one, 'd')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        one.twins.change('d', { change: { tags: { text } }, mode: 'patch', ifMatch: '*' })
        for (const literal of [quoted(text, "'"), quoted(text, '"')]) {
          const sql = `SELECT COUNT() AS n FROM devices WHERE tags.text = ${literal}`
          expect(askPage(one, sql).items).toEqual([{ n: 1 }])
        }
      }),
    )
  })

  const quoted = (text: string, quote: string) =>
    quote + text.replaceAll('\\', '\\\\').replaceAll(quote, quote + quote) + quote
})

describe('SELECT', () => {
  test('* answers whole twins', () => {
    const { items, itemType } = run("SELECT * FROM devices WHERE deviceId = 'pump-1'")
    expect(itemType).toBe('Twin')
    expect(items).toMatchObject([{ deviceId: 'pump-1', properties: { reported: { fw: '1.0' } } }])
  })

  test('paths answer rows under their alias or their last name, without what is missing', () => {
    const { items, itemType } = run(
      'select deviceId, tags.kind AS k, properties.reported.battery.level, tags.site FROM devices',
    )
    expect(itemType).toBe('Raw')
    expect(items).toEqual([
      { deviceId: 'pump-1', k: 'pump', level: 80, site: { 'a-b': 1 } },
      { deviceId: 'pump-2', k: 'pump' },
      { deviceId: "fan'3", k: 'fan' },
    ])
  })

  test('an alias called __proto__ is a key', () => {
    const { items } = run('SELECT deviceId AS __proto__ FROM devices')
    expect(JSON.stringify(items[0])).toBe('{"__proto__":"pump-1"}')
  })

  test.each(['COUNT()', 'COUNT(*)', 'count()'])('%s counts', (count) => {
    expect(run(`SELECT ${count} AS n FROM devices WHERE tags.kind = 'pump'`)).toEqual({
      items: [{ n: 2 }],
      itemType: 'Raw',
      next: undefined,
    })
  })
})

test('every property of a twin is read as the whole twin shows it', () => {
  const rows = hub.queryView.rows()
  const collection = deviceTwins(rows)
  const sections = ['desired', 'reported'].map((name) => ['properties', name])
  for (const segments of [...collection.fields.map((field) => [field]), ...sections]) {
    const path = resolvePath({ kind: 'path', segments, offset: 0 }, collection)
    const expected = rows.map(({ record }) =>
      segments.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], twinView(record)),
    )
    expect(rows.map(collection.read(path))).toEqual(expected)
  }
  expect(rows.flatMap(({ record }) => Object.keys(twinView(record)))).toSatisfy((keys: string[]) =>
    keys.every((key) => collection.fields.includes(key)),
  )
})

test('every property of a module twin is read as the whole twin shows it', () => {
  addDevice(hub, 'owner')
  hub.modules.create({ deviceId: 'owner', moduleId: 'm' }, { managedBy: undefined })
  const collection = moduleTwins(hub.modules.rows())
  const views = collection.rows.map(collection.view)
  for (const field of collection.fields) {
    expect([field, ...collection.rows.map(collection.read([field]))]).toEqual([
      field,
      ...views.map((view) => view[field]),
    ])
  }
  expect(views).toMatchObject([{ deviceId: 'owner', moduleId: 'm' }])
  hub.registry.delete('owner', '*')
})

describe('a collection of documents only', () => {
  const jobs = anyCollection<JsonObject>('devices.jobs', () => ({
    name: 'devices.jobs',
    itemType: 'JobResponse',
    fields: ['deviceId', 'jobId'],
    allowsColumns: false,
    rows: [
      { deviceId: 'a', jobId: 'one' },
      { deviceId: 'a', jobId: 'two' },
    ],
    position: () => 1,
    view: (row) => row,
    read: (segments) => (row) => row[segments.join('.')],
  }))
  const ask = (sql: string) => runQuery(sql, { collections: [jobs], pageSize: 9, cursor: firstPage })

  test('may be spelled out in its conditions', () => {
    const condition = "devices.jobs.deviceId = 'a' AND DEVICES.JOBS.jobid = 'two'"
    expect(ask(`SELECT * FROM devices.jobs WHERE ${condition}`)).toEqual({
      items: [{ deviceId: 'a', jobId: 'two' }],
      itemType: 'JobResponse',
      next: undefined,
    })
  })

  test.each([
    ['SELECT jobId FROM devices.jobs', 'position 19: FROM devices.jobs allows only SELECT *'],
    ['SELECT COUNT() AS n FROM devices.jobs', 'allows only SELECT *'],
    ['SELECT * FROM devices.jobs WHERE tags.a = 1', "'tags' is not a property of devices.jobs"],
    ['SELECT * FROM devices', 'does not implement FROM devices'],
  ])('%s is refused', (sql, message) => {
    expect(() => ask(sql)).toThrow(message)
  })
})

describe('pages', () => {
  test('continue after the last device of the page before, also when devices came and went', () => {
    const first = run('SELECT deviceId FROM devices', 2)
    expect([first.items.length, first.next?.returned]).toEqual([2, 2])
    const second = run('SELECT deviceId FROM devices', 2, first.next)
    expect(second).toMatchObject({ items: [{ deviceId: "fan'3" }], next: undefined })
  })

  test('a page that is exactly full is the last when nothing follows', () => {
    expect(run('SELECT * FROM devices', 3).next).toBeUndefined()
  })

  test('TOP ends the pages, wherever its last device is', () => {
    const first = run('SELECT TOP 2 deviceId FROM devices', 1)
    const second = run('SELECT TOP 2 deviceId FROM devices', 1, first.next)
    expect([first.items, second.items, second.next]).toEqual([
      [{ deviceId: 'pump-1' }],
      [{ deviceId: 'pump-2' }],
      undefined,
    ])
    expect(run('SELECT TOP 9 * FROM devices').items).toHaveLength(3)
  })
})
