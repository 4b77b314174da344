import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { iotHubConnector } from './adapters/iot-hub-client.ts'
import { jsonLog, redact } from './adapters/json-log.ts'
import { linuxMachine } from './adapters/linux-machine.ts'
import { machineFile } from './adapters/machine-disk.ts'
import { runSimulatedMachine } from './adapters/simulated-machine.ts'
import { stateFile } from './adapters/state-file.ts'
import { systemClock } from './adapters/system-clock.ts'
import { runAgent, type AgentParts } from './agent.ts'
import { readCommandLine, usage, type RunOptions } from './command-line.ts'
import { problemOfConnectionString } from './connection-string.ts'
import { defaultSettings } from './settings.ts'
import { agentVersion } from './version.ts'

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(redact(error instanceof Error ? error.message : String(error)))
  return 1
})
// A connect that nobody answers would keep the process for another minute, and hold up the shutdown of the machine.
process.exit(exitCode)

/** Resolves with the exit code: 2 for a wrong command line, as of getopt. */
async function main(parameters: readonly string[]): Promise<number> {
  const command = readCommandLine(parameters)
  switch (command.kind) {
    case 'help':
      console.log(usage)
      return 0
    case 'version':
      console.log(agentVersion)
      return 0
    case 'wrong':
      console.error(`drover-agent: ${command.problem}\n\n${usage}`)
      return 2
    case 'run':
      await run(command, stopSignal())
      return 0
  }
}

async function run(options: RunOptions, signal: AbortSignal): Promise<void> {
  const log = jsonLog((line) => process.stderr.write(line))
  const connectionString = await readConnectionString(options.connectionStringFile)
  const caCertificate = options.caFile === undefined ? undefined : await readFile(options.caFile, 'utf8')
  const parts: Omit<AgentParts, 'machine'> = {
    connect: iotHubConnector({ connectionString, caCertificate, log }),
    store: stateFile(options.stateFolder, log),
    clock: systemClock,
    log,
    settings: {
      ...defaultSettings,
      ...(options.rebootPatienceMs && { rebootPatienceMs: options.rebootPatienceMs }),
    },
    random: Math.random,
    newActionId: () => `local-${randomUUID()}`,
  }
  if (options.simulatedDownMs === undefined) {
    await runAgent({ ...parts, machine: linuxMachine() }, signal)
    return
  }
  const simulation = {
    disk: machineFile(join(options.stateFolder, 'simulated-machine.json')),
    clock: systemClock,
    newBootId: randomUUID,
    firmwareVersion: 'simulated 1.0.0',
    downMs: options.simulatedDownMs,
  }
  await runSimulatedMachine(simulation, (machine, power) => runAgent({ ...parts, machine }, power), signal)
}

async function readConnectionString(file: string | undefined): Promise<string> {
  const given = file === undefined ? process.env['DROVER_CONNECTION_STRING'] : await readFile(file, 'utf8')
  // No program that the agent starts inherits it.
  delete process.env['DROVER_CONNECTION_STRING']
  if (given === undefined) {
    throw new Error('give the connection string with --connection-string-file or in DROVER_CONNECTION_STRING')
  }
  const problem = problemOfConnectionString(given)
  if (problem !== undefined) throw new Error(problem)
  return given.trim()
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => {
      stop.abort()
    })
  return stop.signal
}
