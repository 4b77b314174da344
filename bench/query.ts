/** One page of 1,000 out of 100,000 twins filtered on a tag, against a plain array filter: `node bench/query.ts`. */
import { performance } from 'node:perf_hooks'
import { createHub } from '../local-hub/hub/hub.ts'
import type { Hub } from '../local-hub/hub/hub.ts'
import { systemClock } from '../local-hub/hub/clock.ts'
import { toJsonObject } from '../local-hub/hub/json.ts'
import { twinView } from '../local-hub/hub/twin-view.ts'
import { anyCollection } from '../local-hub/query/collection.ts'
import { firstPage, runQuery } from '../local-hub/query/run-query.ts'
import { deviceTwins } from '../local-hub/query/twin-collection.ts'

const deviceCount = 100_000
const pageSize = 1000
const rounds = 51
const allowedRatio = 1.5

interface PlainTwin {
  readonly deviceId: string
  readonly tags: { readonly site: string }
}

const hub = fleet()
// What a program of one's own would hold: the parsed JSON of all twins.
const twins = [...hub.store.all()].map((record) => JSON.parse(JSON.stringify(twinView(record))) as PlainTwin)

const plain = () => twins.filter(({ tags }) => tags.site === 'site-7').slice(0, pageSize)
const asked = () =>
  runQuery("SELECT * FROM devices WHERE tags.site = 'site-7'", {
    collections: [anyCollection('devices', () => deviceTwins(hub.queryView.rows()))],
    pageSize,
    cursor: firstPage,
  }).items

// A fast answer that is wrong is worth nothing.
if (JSON.stringify(asked()) !== JSON.stringify(plain())) throw new Error('The query and the filter disagree.')

const times = Array.from({ length: rounds }, () => ({ plain: timeOf(plain), asked: timeOf(asked) }))
const [plainMs, askedMs] = [median(times.map((one) => one.plain)), median(times.map((one) => one.asked))]
// Of each round by itself: what else the computer does is then much the same for both.
const ratio = median(times.map((one) => one.asked / one.plain))

console.log(`plain filter ${plainMs.toFixed(2)} ms, query ${askedMs.toFixed(2)} ms (medians of ${rounds})`)
console.log(`ratio ${ratio.toFixed(2)}, allowed ${allowedRatio}`)
process.exitCode = ratio <= allowedRatio ? 0 : 1

/** Each hundredth device is at the site that is asked for, so that a page is full only at the end of the fleet. */
function fleet(): Hub {
  const filled = createHub({ clock: systemClock, queryLagMs: 0 })
  for (let index = 0; index < deviceCount; index += 1) {
    const deviceId = `device-${index}`
    // Parsed, as all that arrives over the wire is.
    const tags = toJsonObject({ site: `site-${index % 100}`, model: `model-${index % 7}` })
    filled.registry.create(deviceId, { status: 'enabled', statusReason: undefined })
    filled.twins.change(deviceId, { change: { tags }, mode: 'patch', ifMatch: '*' })
    filled.twins.report(deviceId, toJsonObject({ firmware: { version: '1.0.0' }, bootId: `boot-${index}` }))
  }
  return filled
}

function timeOf(work: () => unknown): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}
