/**
 * From nothing to a connection, and what the agent then needs, as it ships: `node bench/agent.ts`. The network is one
 * whose round trip takes 50 ms, as that of a device near its hub does.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { nodeFlags } from '../build/agent-package/executable.ts'
import { fetchNode } from '../build/agent-package/node-binary.ts'
import { buildApp } from '../build/build.ts'
import { projectFolder } from '../build/run-program.ts'
import { registerDevice } from '../tests/conformance/support/device.ts'
import { openService } from '../tests/conformance/support/service.ts'
import { openTarget } from '../tests/conformance/support/target.ts'

const rounds = 7
const oneWayMs = 25
/** Of the time from the start of the process to the connection. */
const allowedOwnShare = 0.5
const allowedIdleMiB = 56
const idleMs = 10_000

const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-bench-'))
await buildApp()
const { program } = await fetchNode(process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64')
const target = await openTarget()
const service = openService(target.connectionString, target.agent)
const line = await slowLine(target.local?.mqttsPort ?? 0)
try {
  const starts: { readonly ownMs: number; readonly totalMs: number }[] = []
  for (let round = 0; round < rounds; round += 1) starts.push(await timeOfStart(`bench-${round}`))
  const ownMs = median(starts.map((one) => one.ownMs))
  const totalMs = median(starts.map((one) => one.totalMs))
  const share = ownMs / totalMs
  console.log(
    `connected after ${totalMs.toFixed(0)} ms (median of ${rounds}), of which ${ownMs.toFixed(0)} ms before the first packet`,
  )
  console.log(`share of its own ${share.toFixed(2)}, allowed ${allowedOwnShare}`)
  const [agentMiB, nodeMiB] = [await memoryOfAgent(), await memoryOfNode()]
  console.log(`idle ${agentMiB.toFixed(0)} MiB of its own, Node alone ${nodeMiB.toFixed(0)} MiB`)
  console.log(`more than Node ${(agentMiB - nodeMiB).toFixed(0)} MiB, allowed ${allowedIdleMiB}`)
  process.exitCode = share <= allowedOwnShare && agentMiB - nodeMiB <= allowedIdleMiB ? 0 : 1
} finally {
  line.close()
  await target.close()
  rmSync(folder, { recursive: true, force: true })
}

async function timeOfStart(deviceId: string): Promise<{ ownMs: number; totalMs: number }> {
  const startedAt = performance.now()
  const agent = await startAgent(deviceId, () => performance.now())
  await agent.stop()
  return {
    ownMs: (agent.at('connecting') ?? 0) - startedAt,
    totalMs: (agent.at('connected') ?? 0) - startedAt,
  }
}

async function memoryOfAgent(): Promise<number> {
  const agent = await startAgent('bench-idle', () => performance.now())
  await pause(idleMs)
  const memory = privateMiB(agent.child)
  await agent.stop()
  return memory
}

async function memoryOfNode(): Promise<number> {
  const child = spawn(program, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' })
  await pause(idleMs / 5)
  const memory = privateMiB(child)
  child.kill()
  await once(child, 'exit')
  return memory
}

/** Resolves when the agent is connected. */
async function startAgent(deviceId: string, now: () => number) {
  const connectionString = await registerDevice(target, service, deviceId)
  const through = connectionString.replace(
    /localhost:\d+/,
    `localhost:${(line.address() as AddressInfo).port}`,
  )
  const ca = path.join(folder, 'ca.pem')
  writeFileSync(ca, target.ca ?? '')
  const parameters = ['run', '--simulate', '--state-dir', path.join(folder, deviceId), '--ca', ca]
  const bundle = path.join(projectFolder, 'out/agent/drover-agent.cjs')
  const child = spawn(program, [...nodeFlags, bundle, ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DROVER_CONNECTION_STRING: through },
  })
  const ended = once(child, 'exit')
  const times = new Map<string, number>()
  const connected = Promise.withResolvers<undefined>()
  createInterface(child.stderr).on('line', (text) => {
    const event = /"event":"([^"]+)"/.exec(text)?.[1] ?? text
    if (!times.has(event)) times.set(event, now())
    if (event === 'connected') connected.resolve(undefined)
  })
  await Promise.race([connected.promise, ended.then(() => Promise.reject(new Error('the agent ended')))])
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { child, stop, at: (event: string) => times.get(event) }
}

/** What has to stay in memory because it is in no file; see proc_pid_smaps(5). */
function privateMiB({ pid }: ChildProcess): number {
  const rows = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_Dirty: +(\d+) kB$/gm)
  return [...rows].reduce((sum, [, kibibytes]) => sum + Number(kibibytes), 0) / 1024
}

async function slowLine(port: number): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    forward(near, far)
    forward(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function forward(from: Socket, to: Socket): void {
  from.on('data', (bytes) => void setTimeout(() => to.write(bytes), oneWayMs))
  from.on('end', () => void setTimeout(() => to.end(), oneWayMs))
  from.on('error', () => to.destroy())
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
