import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const agentEntry = fileURLToPath(new URL('../../../device-agent/main.ts', import.meta.url))
const crashingEntry = fileURLToPath(new URL('crashing-agent.ts', import.meta.url))

type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface AgentOptions {
  readonly stateFolder: string
  /** Undefined: the parameters say who the device is. */
  readonly connectionString: string | undefined
  readonly ca: string | undefined
  /** Where the agent kills itself, once; see `crashing-agent.ts`. */
  readonly killAt?: string
  /** Undefined: the sources. */
  readonly program?: string | undefined
  readonly parameters?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface AgentProcess {
  readonly lines: readonly LogLine[]
  /** The first line of this event, past or future. Rejects when the process ends before. */
  waitFor(event: string, count?: number): Promise<LogLine>
  /** Ends it as `kill -9` does. */
  kill(): Promise<void>
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** The agent as it runs on a device, on a simulated machine whose reboot takes 300 ms. */
export async function startAgent(options: AgentOptions): Promise<AgentProcess> {
  const { stateFolder, connectionString, ca, killAt } = options
  const parameters = ['run', '--simulate', '--simulate-down', '0.3', '--state-dir', stateFolder]
  if (ca !== undefined) {
    await writeFile(join(stateFolder, 'ca.pem'), ca)
    parameters.push('--ca', join(stateFolder, 'ca.pem'))
  }
  const entry = options.program ?? (killAt === undefined ? agentEntry : crashingEntry)
  const child = spawn(process.execPath, [entry, ...parameters, ...(options.parameters ?? [])], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      DROVER_CONNECTION_STRING: connectionString,
      KILL_AT: killAt,
      ...options.environment,
    },
  })
  const lines: LogLine[] = []
  const wakers = new Set<() => void>()
  createInterface(child.stderr).on('line', (text) => {
    lines.push(toLine(text))
    for (const wake of wakers) wake()
  })
  const ended = whenEnded(child)

  async function waitFor(event: string, count = 1): Promise<LogLine> {
    for (;;) {
      const found = lines.filter((line) => line.event === event)[count - 1]
      if (found !== undefined) return found
      const next = Promise.withResolvers<'line'>()
      const wake = () => {
        next.resolve('line')
      }
      wakers.add(wake)
      const what = await Promise.race([next.promise, ended])
      wakers.delete(wake)
      if (what !== 'line') throw new Error(`the agent ended without ${event}: ${JSON.stringify(lines)}`)
    }
  }

  return {
    ...{ lines, ended, waitFor },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return (await ended).code
    },
  }
}

/** Runs the agent's program to its end, as a person at a shell does. */
export async function runProgram(parameters: readonly string[], environment: Record<string, string> = {}) {
  const { DROVER_CONNECTION_STRING: _, ...inherited } = process.env
  const child = spawn(process.execPath, [agentEntry, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, ...environment },
  })
  let [output, problems] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, problems }
}

async function whenEnded(child: ChildProcess): AgentProcess['ended'] {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal }
}

/** What is no line of the log is what Node wrote when it crashed. */
function toLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return { event: 'not-json', text }
  }
}
