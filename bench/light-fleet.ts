/** 5,000 light devices over TLS in this process, their hub in another: `node bench/light-fleet.ts`. */
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetHub } from '../local-hub/fleet/fleet-hub.ts'
import { devicesOf } from '../local-hub/fleet/scenario-devices.ts'
import { scenarioOf } from '../local-hub/fleet/scenario.ts'
import { startFleet } from '../local-hub/fleet/start-fleet.ts'
import { askHub } from '../tests/conformance/support/diagnostics.ts'
import { startHubProcess } from '../tests/conformance/support/hub-process.ts'
import type { HubProcess } from '../tests/conformance/support/hub-process.ts'

const deviceCount = 5_000
const allowed = { megabytes: 400, seconds: 30 }

const hub = await startHubProcess()
const mix = { agent: 70, tutorial: 20, sample: 10 }
await registerAll(devicesOf(scenarioOf(deviceCount, mix)).map(({ deviceId }) => deviceId))
const before = process.memoryUsage.rss()
const fleet = await startFleet(fleetHubOf(hub), { count: deviceCount, mix })
const started = performance.now()
while ((await countWhere("connectionState = 'Connected'")) < deviceCount) await pause(200)
const seconds = (performance.now() - started) / 1000
// Each has also said who it is, where its dialect has a word for that.
while ((await countWhere('IS_DEFINED(properties.reported.iothubDM.agent.bootId)')) < deviceCount * 0.7)
  await pause(200)
const megabytes = process.memoryUsage.rss() / 1e6
const each = (process.memoryUsage.rss() - before) / deviceCount / 1000

console.log(`${deviceCount} devices connected in ${seconds.toFixed(1)} s, allowed ${allowed.seconds}`)
const { user, system } = process.cpuUsage()
console.log(`${((user + system) / 1e6).toFixed(1)} s of processor time here`)
console.log(
  `${megabytes.toFixed(0)} MB resident, ${each.toFixed(0)} kB each, allowed ${allowed.megabytes} MB`,
)
await fleet.stop()
await hub.stop()
process.exitCode = megabytes <= allowed.megabytes && seconds <= allowed.seconds ? 0 : 1

async function countWhere(condition: string): Promise<number> {
  const body = JSON.stringify({ query: `SELECT COUNT() AS n FROM devices WHERE ${condition}` })
  const answer = await askHub(hub, { method: 'POST', path: '/devices/query', body })
  const [row] = JSON.parse(answer.body) as { n: number }[]
  return row?.n ?? 0
}

async function registerAll(deviceIds: readonly string[]): Promise<void> {
  for (let start = 0; start < deviceIds.length; start += 100) {
    const devices = deviceIds.slice(start, start + 100).map((id) => {
      const symmetricKey = { primaryKey: keyOf(id), secondaryKey: keyOf(id) }
      return { id, importMode: 'create', authentication: { symmetricKey } }
    })
    await askHub(hub, { method: 'POST', path: '/devices', body: JSON.stringify(devices) })
  }
}

/** A hub that knows all devices already, by keys that need not be read back. */
function fleetHubOf({ caCertificate, hostName, mqttsPort }: HubProcess): FleetHub {
  const gateway = `GatewayHostName=localhost:${mqttsPort}`
  return {
    caCertificate,
    createDevice: (deviceId) =>
      Promise.resolve(
        `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${keyOf(deviceId)};${gateway}`,
      ),
  }
}

function keyOf(deviceId: string): string {
  return createHash('sha256').update(deviceId).digest('base64')
}
