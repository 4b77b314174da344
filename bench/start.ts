/** From nothing to the first answer of the hub as it ships, in one file: `node bench/start.ts`. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { projectFolder, runScript } from '../build/run-program.ts'
import { askHub } from '../tests/conformance/support/diagnostics.ts'

const rounds = 7
const allowedMs = 500

if ((await runScript('build/bundle-hub.ts', [])) !== 0) throw new Error('The hub could not be bundled.')
const times: { readonly hubMs: number; readonly nodeMs: number }[] = []
for (let round = 0; round < rounds; round += 1)
  times.push({ nodeMs: await timeOfNode(), hubMs: await timeOfHub() })
const [hubMs, nodeMs] = [median(times.map((one) => one.hubMs)), median(times.map((one) => one.nodeMs))]

console.log(`first answer after ${hubMs.toFixed(0)} ms (median of ${rounds}), allowed ${allowedMs}`)
console.log(`of which Node itself needs ${nodeMs.toFixed(0)} ms`)
process.exitCode = hubMs <= allowedMs ? 0 : 1

async function timeOfHub(): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [join(projectFolder, 'out/local-hub/drover-hub.mjs')])
  const hub = accessIn(await outputOf(child))
  const { status } = await askHub(hub, { method: 'GET', path: '/statistics/devices' })
  const time = performance.now() - started
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
  if (status !== 200) throw new Error(`The hub answered ${status}.`)
  return time
}

/** The same without a hub: a process that starts, and says so. */
async function timeOfNode(): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, ['-e', 'console.log(1)'])
  await once(child.stdout, 'data')
  const time = performance.now() - started
  await once(child, 'exit')
  return time
}

async function outputOf({ stdout }: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of stdout?.setEncoding('utf8') ?? []) {
    output += chunk as string
    if (output.includes('GatewayHostName=')) return output
  }
  throw new Error(`The hub ended: ${output}`)
}

function accessIn(output: string) {
  const find = (pattern: RegExp) => pattern.exec(output)?.[1] ?? ''
  return {
    connectionString: find(/(HostName=\S+;SharedAccessKeyName=iothubowner;\S+)/),
    hostName: find(/HostName=([^;]+)/),
    httpsPort: Number(find(/https:\/\/127\.0\.0\.1:(\d+)/)),
    caCertificate: readFileSync(find(/CA +(\S+)/), 'utf8'),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}
