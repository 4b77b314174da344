import { parseArgs } from 'node:util'

/** What the person asked for on the command line. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | ({ readonly kind: 'run' } & RunOptions)

export interface RunOptions {
  readonly connectionStringFile: string | undefined
  readonly stateFolder: string
  readonly caFile: string | undefined
  /** Set for a simulated machine: how long its reboots take. */
  readonly simulatedDownMs: number | undefined
  readonly rebootPatienceMs: number | undefined
}

export const usage = `Usage: drover-agent run [options]

Connects this device to its Azure IoT hub and performs the actions that it is asked for.

The connection string of the device is read from a file, or from the environment
variable DROVER_CONNECTION_STRING. It is never taken from the command line, which
every user of the machine can read.

Options:
  --connection-string-file FILE  where the connection string is
  --state-dir DIR                where the agent keeps its record (default: /var/lib/drover-agent)
  --ca FILE                      trust this authority (PEM) instead of the public ones
  --reboot-patience SECONDS      how long the machine may take to go down (default: 300)
  --simulate                     reboot a simulated machine instead of this one
  --simulate-down SECONDS        how long its reboots take (default: 5)
  --version                      print the version
  --help                         print this text
`

const options = {
  'connection-string-file': { type: 'string' },
  'state-dir': { type: 'string', default: '/var/lib/drover-agent' },
  ca: { type: 'string' },
  'reboot-patience': { type: 'string' },
  simulate: { type: 'boolean', default: false },
  'simulate-down': { type: 'string', default: '5' },
  version: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export function readCommandLine(parameters: readonly string[]): Command {
  try {
    return parse(parameters)
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) }
  }
}

function parse(parameters: readonly string[]): Command {
  const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: true })
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  if (positionals.length !== 1 || positionals[0] !== 'run') {
    const asked =
      positionals.length === 0 ? 'no command was given' : `unknown command: ${positionals.join(' ')}`
    return { kind: 'wrong', problem: asked }
  }
  const patience = values['reboot-patience']
  const downMs = milliseconds('simulate-down', values['simulate-down'])
  return {
    kind: 'run',
    connectionStringFile: values['connection-string-file'],
    stateFolder: values['state-dir'],
    caFile: values.ca,
    simulatedDownMs: values.simulate ? downMs : undefined,
    rebootPatienceMs: patience === undefined ? undefined : milliseconds('reboot-patience', patience),
  }
}

function milliseconds(option: string, seconds: string): number {
  const value = Number(seconds)
  if (seconds.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new Error(`--${option} must be a number of seconds`)
  return value * 1000
}
