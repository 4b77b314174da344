import { readFile } from 'node:fs/promises'
import { jsonLog, redact } from './adapters/json-log.ts'
import { thisSystem } from './adapters/linux-machine.ts'
import { lockFile } from './adapters/lock-file.ts'
import { readCommandLine, usage, type Command, type Given } from './command-line.ts'
import { check, describeFindings } from './commands/check.ts'
import { provision } from './commands/provision.ts'
import { run } from './commands/run.ts'
import { describeStatus, look } from './commands/status.ts'
import { describeMistakes, readConfiguration } from './configuration.ts'
import { defaultConfigurationFile, toOptions, type AgentOptions } from './options.ts'
import type { Settings } from './setting-values.ts'
import { agentVersion } from './version.ts'

const log = jsonLog((line) => process.stderr.write(line))
const inEnvironment = process.env['DROVER_CONNECTION_STRING']
// No program that the agent starts inherits it.
delete process.env['DROVER_CONNECTION_STRING']

const exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(redact(describe(error)))
  return 1
})
// A connect that nobody answers would keep the process for another minute, and hold up the shutdown of the machine.
process.exit(exitCode)

/** Resolves with the exit code: 2 for a wrong command line or configuration, which no new start would mend. */
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
    default:
      return perform(command)
  }
}

async function perform(command: Extract<Command, Given>): Promise<number> {
  const configured = await readConfigured(command.configurationFile)
  if (configured === undefined) return 2
  const options = toOptions(command.settings, configured)
  switch (command.kind) {
    case 'run': {
      const isFileGiven = command.settings['connection-string-file'] !== undefined
      await run(options, { connectionString: isFileGiven ? undefined : inEnvironment, log }, stopSignal())
      return 0
    }
    case 'status':
      print(describeStatus(await look(options, await lockFile(options.updateLockFile)(), log)))
      return 0
    case 'check':
      return checkMachine(options)
    case 'provision': {
      const target = toOptions(configured).connectionStringFile
      await provision(options.connectionStringFile, target)
      print([
        `The connection string is in ${target} now. Delete the file that it came from, and restart the agent.`,
      ])
      return 0
    }
  }
}

/** Undefined after its mistakes were printed. */
async function readConfigured(given: string | undefined): Promise<Settings | undefined> {
  const file = given ?? defaultConfigurationFile
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isAbsent && given === undefined) return ''
    throw error
  })
  const { settings, mistakes } = readConfiguration(text)
  if (mistakes.length === 0) return settings
  console.error(describeMistakes(file, mistakes))
  return undefined
}

async function checkMachine(options: AgentOptions): Promise<number> {
  const findings = await check({
    options,
    system: thisSystem(options.helperSocket),
    lockedBy: lockFile(options.updateLockFile),
    hasConnectionString: inEnvironment !== undefined,
  })
  print(describeFindings(findings))
  return findings.some(({ verdict }) => verdict === 'problem') ? 1 : 0
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isDenied = 'code' in error && error.code === 'EACCES' && process.getuid?.() !== 0
  return isDenied ? `${error.message}; try it as root` : error.message
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(redact(line))
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => {
      stop.abort()
    })
  return stop.signal
}
