import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { toJsonObject } from '../hub/json.ts'
import type { Hub } from '../hub/hub.ts'
import { runQuery } from './run-query.ts'

const hub: Hub = newHub()
addTwin(
  'pump-1',
  { kind: 'pump', floor: 1, on: true, site: { 'a-b': 1 }, list: [1, 2], in: 'x' },
  { fw: '1.0', battery: { level: 80 } },
)
addTwin('pump-2', { kind: 'pump', floor: 2, on: false }, { fw: '1.1' })
addTwin("fan'3", { kind: 'fan', floor: '2' }, {})
connectFake(hub, 'pump-2')

function addTwin(deviceId: string, tags: object, reported: object): void {
  addDevice(hub, deviceId)
  hub.twins.change(deviceId, { change: { tags: toJsonObject(tags as never) }, mode: 'patch', ifMatch: '*' })
  hub.twins.report(deviceId, toJsonObject(reported as never))
}

function run(sql: string, pageSize = 100, after = 0) {
  return runQuery(sql, { records: hub.store.all(), pageSize, after })
}

/** The ids that a condition finds. */
function find(condition: string): readonly unknown[] {
  return run(`SELECT deviceId FROM devices WHERE ${condition}`).items.map(({ deviceId }) => deviceId)
}

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
    ["tags.in = 'x'", ['pump-1']],
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

  test('any text comes back from its literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const one = newHub()
        addDevice(one, 'd')
        one.twins.change('d', { change: { tags: { text } }, mode: 'patch', ifMatch: '*' })
        for (const literal of [quoted(text, "'"), quoted(text, '"')]) {
          const sql = `SELECT COUNT() AS n FROM devices WHERE tags.text = ${literal}`
          expect(runQuery(sql, { records: one.store.all(), pageSize: 1, after: 0 }).items).toEqual([{ n: 1 }])
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

describe('pages', () => {
  test('continue after the last device of the page before, also when devices came and went', () => {
    const first = run('SELECT deviceId FROM devices', 2)
    expect([first.items.length, typeof first.next]).toEqual([2, 'number'])
    const second = run('SELECT deviceId FROM devices', 2, first.next)
    expect(second).toMatchObject({ items: [{ deviceId: "fan'3" }], next: undefined })
  })

  test('a page that is exactly full is the last when nothing follows', () => {
    expect(run('SELECT * FROM devices', 3).next).toBeUndefined()
  })
})

describe('a query with an error', () => {
  test.each([
    ['', 1, 'unexpected end'],
    ['SELECT', 7, 'unexpected end after "SELECT"'],
    ['SELEKT * FROM devices', 1, 'unexpected "SELEKT"'],
    ['SELECT * FROM devices WHERE', 28, 'unexpected end'],
    ['SELECT * FROM devices WHERE tags.a = ', 38, 'unexpected end after "="'],
    ["SELECT * FROM devices WHERE tags.a = 'open", 38, `unexpected "'"`],
    ['SELECT * FROM devices WHERE tags.a ~ 1', 36, 'unexpected "~"'],
    ['SELECT * FROM devices WHERE color = 1', 29, "'color' is not a property of a twin"],
    ['SELECT * FROM devices WHERE (tags.a = 1', 40, 'unexpected end'],
    ['SELECT * FROM devices WHERE tags.a = 1)', 39, 'unexpected ")"'],
    ['SELECT * FROM devices WHERE IS_NULL(tags.a, 1)', 29, 'IS_NULL takes 1'],
    ['SELECT * FROM devices; DROP', 22, 'unexpected ";"'],
    ['SELECT COUNT() FROM devices', 16, 'unexpected "FROM"'],
  ])('%s names position %d', (sql, position, what) => {
    expect(() => run(sql)).toThrow(
      expect.objectContaining({
        code: 'ArgumentInvalid',
        message: expect.stringContaining(`at position ${position}: ${what}`) as string,
      }) as Error,
    )
  })

  test.each([
    ['SELECT * FROM devices ORDER BY deviceId', 'ORDER BY'],
    ['SELECT COUNT() AS n FROM devices GROUP BY tags.a', 'GROUP BY'],
    ['SELECT TOP 5 * FROM devices', 'TOP'],
    ['SELECT AVG(tags.a) AS a FROM devices', 'AVG'],
    ['SELECT * FROM devices.modules', 'FROM devices.modules'],
    ['SELECT * FROM devices.jobs', 'FROM devices.jobs'],
    ['SELECT * FROM devices WHERE LENGTH(tags.a) = 1', 'the function LENGTH'],
  ])('%s is refused by the name %s', (sql, name) => {
    expect(() => run(sql)).toThrow(
      expect.objectContaining({
        code: 'NotImplemented',
        message: expect.stringContaining(name) as string,
      }) as Error,
    )
  })

  test.each(['('.repeat(4000), 'NOT '.repeat(2000), `${'('.repeat(300)}tags.a = 1${')'.repeat(300)}`])(
    'nesting without end is refused and exhausts no stack',
    (condition) => {
      expect(() => find(condition)).toThrow(/more than 200/)
    },
  )

  test('a long list of ORs is fine up to 8192 characters', () => {
    const ors = (count: number) =>
      Array.from({ length: count }, (_, index) => `tags.a = ${index}`).join(' OR ')
    expect(find(ors(400))).toEqual([])
    expect(() => find(ors(900))).toThrow(/8192/)
  })

  test('any text is either run or refused with a HubError', () => {
    const words = fc.constantFrom(
      'SELECT',
      '*',
      'FROM',
      'devices',
      'WHERE',
      'tags',
      '.',
      'a',
      '=',
      '1',
      "'x'",
      '(',
      ')',
      'NOT',
      'AND',
      ',',
      '[',
      ']',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 3 }))), (parts) => {
        try {
          run(parts.join(' '))
        } catch (error) {
          expect(error).toMatchObject({ name: 'HubError' })
        }
      }),
      { numRuns: 500 },
    )
  })
})
