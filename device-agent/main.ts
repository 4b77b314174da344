import { readFile } from 'node:fs/promises'
import { jsonLog, redact } from './adapters/json-log.ts'
import { lockFile } from './adapters/lock-file.ts'
import { readCommandLine, usage, type Command, type Given } from './command-line.ts'
import { check, describeFindings } from './commands/check.ts'
import { serveInstaller } from './commands/install.ts'
import { keygen, keygenUsage } from './commands/keygen.ts'
import { provision } from './commands/provision.ts'
import { run } from './commands/run.ts'
import { sign, signUsage } from './commands/sign.ts'
import { describeStatus, look } from './commands/status.ts'
import { wipeForReset } from './commands/wipe.ts'
import { describeMistakes, readConfiguration } from './configuration.ts'
import { defaultConfigurationFile, settingsOf, toOptions, type AgentOptions } from './options.ts'
import type { Settings } from './setting-values.ts'
import { problemsTogether } from './settings-together.ts'
import { systemOf } from './system.ts'
import { agentVersion } from './version.ts'

const log = jsonLog((line) => process.stderr.write(line))
const inEnvironment = process.env['DROVER_CONNECTION_STRING']
// No program that the agent starts inherits it.
delete process.env['DROVER_CONNECTION_STRING']

// No top-level await: a self-contained executable of Node 24 holds a CommonJS program.
void main(process.argv.slice(2))
  .catch((error: unknown) => {
    console.error(redact(describe(error)))
    return 1
  })
  // A connect that nobody answers would keep the process for another minute, and hold up the shutdown of the machine.
  .then((exitCode) => process.exit(exitCode))

/** Resolves with the exit code: 2 for a wrong command line or configuration, which no new start would mend. */
async function main(parameters: readonly string[]): Promise<number> {
  const [name, ...rest] = parameters
  if (name === 'keygen' || name === 'sign') return makeRelease(name, rest)
  const command = readCommandLine(parameters)
  switch (command.kind) {
    case 'help':
      console.log(usage)
      return 0
    case 'version':
      console.log(agentVersion)
      return 0
    case 'wrong':
      console.error(`drover-agent: ${command.problem}\nTry drover-agent --help`)
      return 2
    default:
      return perform(command)
  }
}

/** What a maker of firmware does, on a computer that is no device. */
async function makeRelease(name: 'keygen' | 'sign', parameters: readonly string[]): Promise<number> {
  if (parameters.includes('--help')) console.log(name === 'sign' ? signUsage : keygenUsage)
  // Not redacted: the token of the address is part of what is pasted into Drover.
  else if (name === 'sign') console.log(await sign(parameters, Date.now()))
  else print(await keygen(parameters))
  return 0
}

async function perform(command: Extract<Command, Given>): Promise<number> {
  const configured = await readConfigured(command.configurationFile)
  if (configured === undefined) return 2
  // What is to be taken over need not mean anything yet.
  const together = command.kind === 'provision' ? configured : settingsOf(command.settings, configured)
  if (!isMeaningful(together)) return 2
  const options = toOptions(command.settings, configured)
  switch (command.kind) {
    case 'run':
      await runUntilStopped(command, options)
      return 0
    case 'status':
      print(describeStatus(await look(options, await lockFile(options.updateLockFile)(), log)))
      return 0
    case 'check':
      return checkMachine(options)
    case 'wipe':
      await wipeForReset(options, log)
      return 0
    case 'install':
      await serveInstaller(options, { input: process.stdin, output: process.stdout }, log)
      return 0
    case 'provision':
      print(await provision(command, toOptions(configured)))
      return 0
  }
}

/** Says what is wrong with the settings together, if anything is. */
function isMeaningful(settings: Settings): boolean {
  const wrong = problemsTogether(settings)
  for (const { problem } of wrong) console.error(`drover-agent: ${problem}`)
  return wrong.length === 0
}

/** A connection string in the environment counts more than what the configuration says, and less than the command. */
function runUntilStopped({ settings }: Given, options: AgentOptions): Promise<void> {
  const isFileGiven = settings['connection-string-file'] !== undefined
  return run(options, { connectionString: isFileGiven ? undefined : inEnvironment, log }, stopSignal())
}

/** Undefined after its mistakes were printed. */
async function readConfigured(given: string | undefined): Promise<Settings | undefined> {
  const file = given ?? defaultConfigurationFile
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isAbsent && given === undefined) return ''
    return error instanceof Error ? error : new Error(String(error))
  })
  if (text instanceof Error) {
    console.error(`drover-agent: the configuration cannot be read: ${describe(text)}`)
    return undefined
  }
  const { settings, lines, mistakes } = readConfiguration(text)
  const together = problemsTogether(settings).map(({ name, problem }) => ({
    line: lines.get(name) ?? 0,
    problem,
  }))
  const all = [...mistakes, ...together].sort((a, b) => a.line - b.line)
  if (all.length === 0) return settings
  console.error(describeMistakes(file, all))
  return undefined
}

async function checkMachine(options: AgentOptions): Promise<number> {
  const findings = await check({
    options,
    system: systemOf(options),
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
