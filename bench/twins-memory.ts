/** What 100,000 twins take in memory over their own JSON: `node bench/twins-memory.ts`. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '../local-hub/hub/clock.ts'
import { createHub } from '../local-hub/hub/hub.ts'
import { parseJson, toJsonObject } from '../local-hub/hub/json.ts'
import { twinView } from '../local-hub/hub/twin-view.ts'

const deviceCount = 100_000
const allowedBytes = 2048

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const hub = createHub({ clock: systemClock, queryLagMs: 0 })
// What is loaded and compiled once does not count.
addDevices(0, 100)
const before = memory()
addDevices(100, 100 + deviceCount)
const after = memory()
const json = averageJson()
const each = (after - before) / deviceCount

console.log(`${deviceCount} twins: ${each.toFixed(0)} bytes each in memory, ${json.toFixed(0)} bytes as JSON`)
console.log(`over their JSON ${(each - json).toFixed(0)} bytes, allowed ${allowedBytes}`)
process.exitCode = each - json <= allowedBytes ? 0 : 1

/** As they come over the wire: with tags, and reported properties as a device with an agent has them. */
function addDevices(from: number, to: number): void {
  for (let index = from; index < to; index += 1) {
    const deviceId = `device-${index}`
    hub.registry.create(deviceId, { status: 'enabled', statusReason: undefined })
    const tags = toJsonObject({ site: `site-${index % 100}`, kind: 'pump', rack: `r-${index % 1000}` })
    const desired = toJsonObject({ telemetry: { intervalSeconds: 60 } })
    hub.twins.change(deviceId, { change: { tags, desired }, mode: 'patch', ifMatch: '*' })
    hub.twins.report(deviceId, report(index))
  }
}

function report(index: number): ReturnType<typeof toJsonObject> {
  const agent = {
    version: '1.0.0',
    bootId: `6f1b3f5e-0000-4000-8000-${String(index).padStart(12, '0')}`,
    bootedAt: new Date(index * 1000).toISOString(),
    firmwareVersion: '2.4.1',
    platform: 'linux',
    actions: ['reboot', 'factoryReset', 'firmwareUpdate'],
  }
  const text = JSON.stringify({
    iothubDM: { agent, reboot: { status: 'completed', lastReboot: agent.bootedAt } },
  })
  return parseJson(Buffer.from(text)) as ReturnType<typeof toJsonObject>
}

function memory(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function averageJson(): number {
  let total = 0
  for (const record of hub.store.all()) total += Buffer.byteLength(JSON.stringify(twinView(record)))
  return total / hub.store.size
}
