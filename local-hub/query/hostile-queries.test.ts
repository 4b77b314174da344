import { expect, test } from 'vitest'
import { isLongRun, rounds } from '../../tests/support/rounds.ts'
import { mutate, pick, whole } from '../../tests/conformance/support/mutate.ts'
import { seededRandom } from '../fleet/seeded-random.ts'
import { HubError } from '../hub/hub-error.ts'
import { addTwin, askPage } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'

const valid = [
  'SELECT * FROM devices',
  "SELECT deviceId, tags.a AS x FROM devices WHERE tags.a = 'b' AND NOT properties.reported.rate >= 2.5e3",
  'SELECT TOP 5 * FROM devices WHERE IS_DEFINED(tags.[[group]]) OR tags.a IN [1, 2, null]',
  'SELECT tags.a, COUNT() AS n, AVG(properties.reported.rate) FROM devices GROUP BY tags.a',
  "SELECT * FROM devices WHERE STARTS_WITH(deviceId, 'd') AND LENGTH(tags.b) % 2 = (1 + -1) * 3 / 4",
]
const words = [...new Set(valid.join(' ').match(/[\w.]+|\S/g)), '((((', '[[', ']]', "''", '\0', '\u{1f600}']

const hub = newHub()
addTwin(hub, 'd1', { tags: { a: 'b', b: 'text', group: 1 }, reported: { rate: 3 } })

function ask(sql: string): string {
  try {
    askPage(hub, sql)
    return 'answered'
  } catch (error) {
    if (error instanceof HubError) return error.code
    throw error
  }
}

const timeoutMs = isLongRun ? 600_000 : 60_000

test(
  'a mutated query is answered, or refused as documented',
  () => {
    const random = seededRandom(7)
    const outcomes = new Set<string>()
    for (let round = 0; round < rounds(1500, 30_000); round += 1) {
      const sql = mutate(Buffer.from(pick(valid, random)), random).toString()
      outcomes.add(ask(sql))
    }
    expect([...outcomes].toSorted()).toEqual(['ArgumentInvalid', 'answered'])
  },
  timeoutMs,
)

test(
  'a query of random words is answered, or refused as documented',
  () => {
    const random = seededRandom(8)
    for (let round = 0; round < rounds(1000, 20_000); round += 1) {
      const text = Array.from({ length: 1 + whole(random, 30) }, () => pick(words, random)).join(' ')
      expect(['answered', 'ArgumentInvalid']).toContain(ask(`SELECT * FROM devices WHERE ${text}`))
    }
  },
  timeoutMs,
)
