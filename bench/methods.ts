/**
 * Direct methods through the service SDK to 50 devices of the device SDK, 64 in flight, against a bare echo of the same
 * messages: `node bench/methods.ts`. Hub and client are two processes; so are echo and client.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:https'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { invoke, openService } from '../tests/conformance/support/service.ts'
import type { Service } from '../tests/conformance/support/service.ts'
import { deviceIds } from './echo-devices.ts'
import type { Side } from './echo-devices.ts'

const rounds = 41
const callsPerRound = 500
const inFlight = 64
const allowedRatio = 0.8

const sides = await Promise.all(['methods-hub.ts', 'methods-echo.ts'].map(openSide))
const [hub, echo] = sides
if (!hub || !echo) throw new Error('There should be two sides.')
// What runs for the first time is compiled.
for (const { service } of sides) await callsPerSecond(service)
const before = await Promise.all(sides.map(processorMs))
const rates: { readonly hub: number; readonly echo: number }[] = []
for (let round = 0; round < rounds; round += 1) {
  // In turns, so that what else the computer does is the same for both.
  const first = await callsPerSecond((round % 2 === 0 ? hub : echo).service)
  const second = await callsPerSecond((round % 2 === 0 ? echo : hub).service)
  rates.push(round % 2 === 0 ? { hub: first, echo: second } : { hub: second, echo: first })
}
const after = await Promise.all(sides.map(processorMs))
const [hubMs = 0, echoMs = 0] = after.map((ms, side) => (ms - (before[side] ?? 0)) / (rounds * callsPerRound))
const ratio = median(rates.map((rate) => rate.hub / rate.echo))

console.log(`hub ${median(rates.map((rate) => rate.hub)).toFixed(0)} calls a second`)
console.log(`echo ${median(rates.map((rate) => rate.echo)).toFixed(0)} calls a second (medians of ${rounds})`)
console.log(
  `processor time of a call: hub ${hubMs.toFixed(3)} ms, echo ${echoMs.toFixed(3)} ms, devices included`,
)
console.log(`ratio ${ratio.toFixed(2)}, at least ${allowedRatio}`)
for (const { agent, child } of sides) {
  agent.destroy()
  child.disconnect()
}
process.exitCode = ratio >= allowedRatio ? 0 : 1

async function openSide(file: string): Promise<{ service: Service; agent: Agent; child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)))
  const [side] = (await once(child, 'message')) as [Side]
  const { httpsPort: port, hostName: servername, caCertificate: ca } = side
  const agent = new Agent({ keepAlive: true, maxSockets: 32, host: '127.0.0.1', port, servername, ca })
  return { child, agent, service: openService(side.connectionString, agent) }
}

async function processorMs({ child }: { child: ChildProcess }): Promise<number> {
  child.send('processor time')
  const [ms] = (await once(child, 'message')) as [number]
  return ms
}

async function callsPerSecond(service: Service): Promise<number> {
  const started = performance.now()
  let begun = 0
  const callInTurn = async () => {
    while (begun < callsPerRound) {
      begun += 1
      await call(service, begun)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, callInTurn))
  return callsPerRound / ((performance.now() - started) / 1000)
}

/** A fast answer that is wrong is worth nothing. */
async function call(service: Service, number: number): Promise<void> {
  const deviceId = deviceIds[number % deviceIds.length] ?? ''
  const payload = {
    number,
    text: 'a payload of the usual size: some words, and a time',
    at: 1_700_000_000_000,
  }
  const answer = await invoke(service, deviceId, { name: 'echo', payload })
  const echoed = (answer.payload as { number?: number }).number
  if (answer.status !== 200 || echoed !== number) throw new Error('An answer that is not the echo.')
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}
