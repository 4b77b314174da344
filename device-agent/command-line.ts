import { parseArgs } from 'node:util'
import { isSettingName, problemOfSetting, type Settings } from './setting-values.ts'

/** What the person asked for on the command line. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | ({ readonly kind: 'run' | 'status' | 'check' | 'provision' } & Given)

export interface Given {
  readonly settings: Settings
  /** Undefined: the default one, if it is there. */
  readonly configurationFile: string | undefined
}

export const usage = `Usage: drover-agent <command> [options]

Commands:
  run        connect this device to its Azure IoT hub, and do what it is asked for
  status     show what is under way and the last results
  check      say what each action would do on this machine, and what is in its way
  provision  take over the connection string in --connection-string-file FILE

The connection string of the device is read from a file, or from the environment
variable DROVER_CONNECTION_STRING. It is never taken from the command line, which
every user of the machine can read.

Options, which the configuration file knows by the same names without the dashes:
  --connection-string-file FILE  where the connection string is
                                 (default: /etc/drover-agent/connection-string)
  --state-dir DIR                where the agent keeps its record (default: /var/lib/drover-agent)
  --ca FILE                      trust this authority (PEM) instead of the public ones
  --update-lock FILE             refuse all destructive actions while this file is there; its
                                 first line says why (default: /etc/drover-agent/update-lock)
  --helper-socket FILE           where the privileged helper listens
                                 (default: /run/drover-agent-helper.sock)
  --reboot-patience SECONDS      how long the machine may take to go down (default: 300)
  --simulate                     reboot a simulated machine instead of this one
  --simulate-down SECONDS        how long its reboots take (default: 5)

  --config FILE                  the configuration file (default: /etc/drover-agent/agent.conf)
  --version                      print the version
  --help                         print this text
`

const options = {
  'connection-string-file': { type: 'string' },
  'state-dir': { type: 'string' },
  ca: { type: 'string' },
  'update-lock': { type: 'string' },
  'helper-socket': { type: 'string' },
  'reboot-patience': { type: 'string' },
  simulate: { type: 'boolean' },
  'simulate-down': { type: 'string' },
  config: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
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
  const { config, version, help, ...set } = values
  if (help) return { kind: 'help' }
  if (version) return { kind: 'version' }
  const [kind, ...rest] = positionals
  if (kind === undefined) return { kind: 'wrong', problem: 'no command was given' }
  if (!isCommand(kind) || rest.length > 0) {
    return { kind: 'wrong', problem: `unknown command: ${positionals.join(' ')}` }
  }
  if (kind === 'provision' && set['connection-string-file'] === undefined) {
    return { kind: 'wrong', problem: 'provision needs --connection-string-file FILE' }
  }
  return { kind, settings: toSettings(set), configurationFile: config }
}

function isCommand(word: string): word is 'run' | 'status' | 'check' | 'provision' {
  return ['run', 'status', 'check', 'provision'].includes(word)
}

function toSettings(values: Readonly<Record<string, string | boolean | undefined>>): Settings {
  const settings: Record<string, string> = {}
  for (const [name, given] of Object.entries(values)) {
    if (!isSettingName(name) || given === undefined) continue
    const value = typeof given === 'string' ? given : given ? 'yes' : 'no'
    const problem = problemOfSetting(name, value)
    if (problem !== undefined) throw new Error(`--${name} ${problem}`)
    settings[name] = value
  }
  return settings
}
