import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTwin, askPage, idsWhere } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'

const hub = newHub()
addTwin(hub, 'one', { tags: { a: 1 } })
const ask = (sql: string) => askPage(hub, sql)
const find = (condition: string) => idsWhere(hub, condition)

const where = 'SELECT * FROM devices WHERE'

describe('a query with an error', () => {
  test.each([
    ['', 1, 'unexpected end'],
    ['SELECT', 7, 'unexpected end after "SELECT"'],
    ['SELEKT * FROM devices', 1, 'unexpected "SELEKT"'],
    [where, 28, 'unexpected end'],
    [`${where} tags.a = `, 38, 'unexpected end after "="'],
    [`${where} tags.a = 'open`, 38, `unexpected "'"`],
    [`${where} tags.a ~ 1`, 36, 'unexpected "~"'],
    [`${where} color = 1`, 29, "'color' is not a property of a twin"],
    [`${where} (tags.a = 1`, 40, 'unexpected end'],
    [`${where} tags.a = 1)`, 39, 'unexpected ")"'],
    [`${where} tags.a = 1 = 1`, 40, 'unexpected "="'],
    [`${where} tags.a IN 1`, 39, 'unexpected "1" after "IN"'],
    [`${where} tags.a IN [tags.b]`, 40, 'unexpected "tags"'],
    [`${where} tags.a +`, 37, 'unexpected end after "+"'],
    [`${where} IS_NULL(tags.a, 1)`, 29, 'IS_NULL takes 1 operand(s), not 2'],
    [`${where} CONCAT(tags.a)`, 29, 'CONCAT takes 2 or more operand(s), not 1'],
    [`${where} SUBSTRING(tags.a)`, 29, 'SUBSTRING takes 2 to 3 operand(s), not 1'],
    [`${where} LOWER()`, 29, 'LOWER takes 1 operand(s), not 0'],
    [`${where} REVERSE(tags.a) = 1`, 29, "'REVERSE' is not a function"],
    [`${where} COUNT() > 1`, 29, 'unexpected "COUNT"'],
    [`${where} tags.group = 1`, 34, 'unexpected "group" after "."; a reserved word is written [[group]]'],
    ['SELECT * FROM devices; DROP', 22, 'unexpected ";"'],
    ['SELECT COUNT() FROM devices', 16, 'unexpected "FROM"'],
    ['SELECT COUNT(tags.a) AS n FROM devices', 14, 'unexpected "tags"'],
    ['SELECT SUM() AS n FROM devices', 12, 'unexpected ")"'],
    ['SELECT tags.a + 1 AS n FROM devices', 15, 'unexpected "+"'],
    ['SELECT *, deviceId FROM devices', 9, 'unexpected ","'],
    ['SELECT TOP 1.5 * FROM devices', 12, 'TOP takes a positive whole number, not 1.5'],
    ['SELECT TOP 0 * FROM devices', 12, 'TOP takes a positive whole number, not 0'],
    ['SELECT * FROM devices GROUP BY tags.a', 32, 'GROUP BY needs a list of columns'],
    ['SELECT tags.a FROM devices GROUP BY tags.a, tags.b', 43, 'unexpected ","'],
    ['SELECT tags.b FROM devices GROUP BY tags.a', 8, "'tags.b' is neither in GROUP BY nor an aggregate"],
    ['SELECT deviceId, COUNT() AS n FROM devices', 8, "'deviceId' is neither in GROUP BY nor an aggregate"],
    ['SELECT tags.a.x, tags.b.x FROM devices', 18, "two columns are called 'x'"],
    ['SELECT COUNT() AS n, MAX(tags.a) AS n FROM devices', 22, "two columns are called 'n'"],
    ['SELECT * FROM machines', 15, 'FROM takes devices, devices.modules, devices.jobs, not machines'],
    [
      'SELECT * FROM devices ORDER BY deviceId',
      23,
      'unexpected "ORDER"; the query language of IoT Hub has no ORDER BY',
    ],
    [
      'SELECT DISTINCT tags.a FROM devices',
      8,
      'unexpected "DISTINCT" after "SELECT"; the query language of IoT Hub has no DISTINCT',
    ],
    [`${where} tags.a LIKE 'x'`, 36, 'unexpected "LIKE"; the query language of IoT Hub has no LIKE'],
  ])('%s names position %d', (sql, position, what) => {
    expect(() => ask(sql)).toThrow(
      expect.objectContaining({
        code: 'ArgumentInvalid',
        message: expect.stringContaining(`at position ${position}: ${what}`) as string,
      }) as Error,
    )
  })

  test('what is no query at all is named without a word before it', () => {
    expect(() => ask('DELETE FROM devices')).toThrow(
      'The query has an error at position 1: unexpected "DELETE"',
    )
    expect(() => ask('DELETE FROM devices')).not.toThrow('after')
  })

  test.each([
    ["configurations.[[c]].status = 'Applied'", 'automatic device configurations'],
    ["deviceScope = 'ms-azure-iot-edge://e'", 'IoT Edge devices'],
    ["parentScopes IN ['ms-azure-iot-edge://e']", 'IoT Edge devices'],
  ])('the documented condition %s is refused by the name of what it asks for', (condition, name) => {
    expect(() => find(condition)).toThrow(
      expect.objectContaining({
        code: 'NotImplemented',
        message: expect.stringContaining(`does not implement ${name} (position`) as string,
      }) as Error,
    )
  })

  test('a documented collection that this hub does not have is refused by name', () => {
    expect(() => ask('SELECT * FROM devices.jobs')).toThrow(
      expect.objectContaining({
        code: 'NotImplemented',
        message: expect.stringContaining('FROM devices.jobs') as string,
      }) as Error,
    )
  })
})

describe('hostile input', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}tags.a = 1${')'.repeat(depth)}`

  test('nesting is fine up to 100, and then refused before it exhausts the stack', () => {
    expect(find(nested(100))).toEqual(['one'])
    expect(() => find(nested(101))).toThrow(/more than 100 nested parentheses/)
    expect(() => find('('.repeat(8000))).toThrow(/more than 100/)
    expect(() => find('ABS('.repeat(2000))).toThrow(/more than 100/)
  })

  test('what does not nest may be as long as a query', () => {
    expect(find(`${'NOT '.repeat(2000)}tags.a = 1`)).toEqual(['one'])
    expect(find(`tags.a = ${'-'.repeat(8000)}1`)).toEqual(['one'])
    expect(find(`tags.a = 1${' - 0'.repeat(2000)}`)).toEqual(['one'])
    expect(find(`tags.a IN [${'2,'.repeat(4000)}1]`)).toEqual(['one'])
    expect(() => find(`tags${'.a'.repeat(4000)} = 1`)).not.toThrow()
    expect(find(Array.from({ length: 400 }, () => 'IS_NULL(tags.b)').join(' OR '))).toEqual([])
  })

  test('8192 characters are the most', () => {
    const padded = (length: number) => `tags.a = 1${' '.repeat(length)}`.slice(0, length)
    const room = 8192 - `SELECT deviceId FROM devices WHERE `.length
    expect(find(padded(room))).toEqual(['one'])
    expect(() => find(padded(room + 1))).toThrow(/8192/)
  })

  test.each([
    "'",
    '"',
    '\\',
    "\\'",
    "''",
    "'\\",
    '[[',
    '[[a',
    ']',
    '1e',
    '.',
    '$',
    ' ',
    'é',
    '\u0000',
    'tags.',
    '0x',
    '\n',
  ])('a long row of %j is answered at once', (piece) => {
    const started = performance.now()
    for (const length of [8099, 8100]) {
      expect([[], expect.stringContaining('position')]).toContainEqual(
        outcomeOf(() => find(piece.repeat(8100).slice(0, length))),
      )
    }
    // Anything worse than linear takes many seconds at this length.
    expect(performance.now() - started).toBeLessThan(2000)
  })

  function outcomeOf(act: () => unknown): unknown {
    try {
      return act()
    } catch (error) {
      return (error as Error).message
    }
  }

  test('any text is either run or refused with a HubError', () => {
    const words =
      'SELECT|*|FROM|devices|WHERE|tags|.|a|=|1|(|)|NOT|AND|,|[|]|IN|GROUP|BY|TOP|COUNT|SUM|AS|-|%|[[a]]|ABS'
    const word = fc.constantFrom(...words.split('|'), "'x'")
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 3 }))), (parts) => {
        for (const sql of [parts.join(' '), `SELECT * FROM devices WHERE ${parts.join(' ')}`]) {
          try {
            ask(sql)
          } catch (error) {
            expect(error).toMatchObject({ name: 'HubError', status: 400 })
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
