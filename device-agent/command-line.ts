import { parseArgs } from 'node:util'
import { nearest } from './domain/nearest.ts'
import { isSettingName, problemOfSetting, type Settings } from './setting-values.ts'

/** What the person asked for on the command line. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | ({ readonly kind: 'run' | 'status' | 'check' | 'provision' | 'wipe' | 'install' } & Given)

export interface Given {
  readonly settings: Settings
  /** Undefined: the default one, if it is there. */
  readonly configurationFile: string | undefined
  /** The key of an enrolment group: only for `provision`, and never kept. */
  readonly groupKeyFile?: string | undefined
}

export const usage = `Usage: drover-agent <command> [options]

Commands:
  run        connect this device to its Azure IoT hub, and do what it is asked for
  status     show what is under way and the last results
  check      say what each action would do on this machine, and what is in its way
  provision  take over what proves who this device is: --connection-string-file FILE,
             --certificate FILE with --certificate-key FILE, --dps-key-file FILE, or
             --dps-group-key-file FILE, of which only this device's own key is kept
  keygen     make a pair of keys for firmware (keygen --help)
  sign       sign a firmware package (sign --help)

The connection string of the device is read from a file, or from the environment
variable DROVER_CONNECTION_STRING. It is never taken from the command line, which
every user of the machine can read.

Options, which the configuration file knows by the same names without the dashes:
  --connection-string-file FILE  where the connection string is
                                 (default: /etc/drover-agent/connection-string)
  --hub HOST                     the hub of a device that has a certificate and no connection string
  --device-id ID                 its name there
  --certificate FILE             its certificate (PEM), with the authorities above it if there are any
  --certificate-key FILE         the private key of the certificate (PEM)
  --dps-id-scope SCOPE           ask Azure's Device Provisioning Service which hub is this device's
  --dps-registration-id ID       its name there
  --dps-key-file FILE            where its key is, unless it has a certificate
                                 (default: /etc/drover-agent/dps-key)
  --dps-host HOST                the service (default: global.azure-devices-provisioning.net)
  --gateway HOST                 connect to this IoT Edge gateway instead of the hub

  --transport WAY                mqtt (port 8883), mqtt-websocket (port 443), or auto, which takes
                                 the second where the first is blocked (default: auto)
  --proxy URL                    the way out of this network, http://proxy.example:3128; with a
                                 password only in the environment, as HTTPS_PROXY
  --extra-ca FILE                trust this authority (PEM) as well as the public ones
  --connect-spread SECONDS       wait up to so long, at random, before the first connection, so that
                                 a great fleet does not come back all at once (default: 0)
  --websocket-gateway HOST:PORT  where a hub on a machine of your own has its port 443

  --state-dir DIR                where the agent keeps its record (default: /var/lib/drover-agent)
  --ca FILE                      trust this authority (PEM) instead of the public ones
  --update-lock FILE             refuse all destructive actions while this file is there; its
                                 first line says why (default: /etc/drover-agent/update-lock)
  --helper-socket FILE           where the privileged helper listens
                                 (default: /run/drover-agent-helper.sock)
  --installer-socket FILE        where what installs signed firmware listens
                                 (default: /run/drover-agent-installer.sock)
  --reboot-patience SECONDS      how long the machine may take to go down (default: 300)
  --reset-wipe PATH:PATH         what a factory reset empties (folders) and removes (files)
  --reset-keep PATH:PATH         what stays of it
  --reset-command FILE           a program that a factory reset runs first, as root
  --commands-dir DIR             each program in it is a direct method of this device
                                 (default: /etc/drover-agent/commands.d)
  --command-timeout SECONDS      how long such a program may take (default: 300)
  --firmware-keys DIR            the public keys (*.pem) by which this device takes firmware
                                 (default: /etc/drover-agent/firmware-keys)
  --firmware-hardware NAME       what this device is, in the words of the firmware manifests
  --firmware-modules DIR         update modules of the owner, beside those that are shipped
                                 (default: /etc/drover-agent/update-modules)
  --firmware-module-settings DIR the settings of the modules (default: /etc/drover-agent/modules)
  --firmware-health-check FILE   a program that ends with 0 when the new firmware is well
  --firmware-health-time SECONDS how long it may take to be well (default: 300)
  --firmware-unsigned MODULE     install by this module what nobody has signed (default: refuse it)
  --firmware-dir DIR             where only root may write, for what it installs
                                 (default: /var/lib/drover-agent-firmware)
  --simulate                     reboot a simulated machine instead of this one
  --simulate-down SECONDS        how long its reboots take (default: 5)

  --config FILE                  the configuration file (default: /etc/drover-agent/agent.conf)
  --version                      print the version
  --help                         print this text
`

const options = {
  'connection-string-file': { type: 'string' },
  hub: { type: 'string' },
  'device-id': { type: 'string' },
  certificate: { type: 'string' },
  'certificate-key': { type: 'string' },
  'dps-id-scope': { type: 'string' },
  'dps-registration-id': { type: 'string' },
  'dps-key-file': { type: 'string' },
  'dps-host': { type: 'string' },
  gateway: { type: 'string' },
  transport: { type: 'string' },
  proxy: { type: 'string' },
  'extra-ca': { type: 'string' },
  'connect-spread': { type: 'string' },
  'websocket-gateway': { type: 'string' },
  'state-dir': { type: 'string' },
  ca: { type: 'string' },
  'update-lock': { type: 'string' },
  'helper-socket': { type: 'string' },
  'installer-socket': { type: 'string' },
  'reboot-patience': { type: 'string' },
  'reset-wipe': { type: 'string' },
  'reset-keep': { type: 'string' },
  'reset-command': { type: 'string' },
  'commands-dir': { type: 'string' },
  'command-timeout': { type: 'string' },
  'firmware-keys': { type: 'string' },
  'firmware-hardware': { type: 'string' },
  'firmware-modules': { type: 'string' },
  'firmware-module-settings': { type: 'string' },
  'firmware-health-check': { type: 'string' },
  'firmware-health-time': { type: 'string' },
  'firmware-unsigned': { type: 'string' },
  'firmware-dir': { type: 'string' },
  simulate: { type: 'boolean' },
  'simulate-down': { type: 'string' },
  'dps-group-key-file': { type: 'string' },
  config: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

export function readCommandLine(parameters: readonly string[]): Command {
  try {
    return parse(parameters)
  } catch (error) {
    return { kind: 'wrong', problem: problemOf(error instanceof Error ? error.message : String(error)) }
  }
}

/** What Node says of an option that it does not know goes on with advice for nobody. */
function problemOf(message: string): string {
  const unknown = /^Unknown option '--([^'=]+)/.exec(message)?.[1]
  if (unknown === undefined) return message
  if (unknown === 'connection-string')
    return 'a connection string on the command line can be read by every user of this machine: put it into a file, and give --connection-string-file FILE'
  const meant = nearest(unknown, Object.keys(options))
  return `there is no option --${unknown}${meant === undefined ? '' : `; did you mean --${meant}?`}`
}

function parse(parameters: readonly string[]): Command {
  const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: true })
  const { config, version, help, 'dps-group-key-file': groupKeyFile, ...set } = values
  if (help) return { kind: 'help' }
  if (version) return { kind: 'version' }
  const [kind, ...rest] = positionals
  if (kind === undefined) return { kind: 'wrong', problem: 'no command was given' }
  if (!isCommand(kind) || rest.length > 0) {
    return { kind: 'wrong', problem: `unknown command: ${positionals.join(' ')}` }
  }
  const given = {
    settings: toSettings(set),
    configurationFile: config,
    ...(groupKeyFile && { groupKeyFile }),
  }
  const problem = kind === 'provision' ? problemOfProvision(given) : undefined
  return problem === undefined ? { kind, ...given } : { kind: 'wrong', problem }
}

/** One secret at a time, so that it is clear what was taken over. */
function problemOfProvision({ settings, groupKeyFile }: Given): string | undefined {
  const sources = ['connection-string-file', 'certificate', 'dps-key-file'] as const
  const count = sources.filter((name) => settings[name] !== undefined).length + (groupKeyFile ? 1 : 0)
  if (count !== 1)
    return 'provision needs one of --connection-string-file, --certificate, --dps-key-file and --dps-group-key-file'
  return settings.certificate !== undefined && settings['certificate-key'] === undefined
    ? '--certificate needs --certificate-key'
    : undefined
}

function isCommand(word: string): word is 'run' | 'status' | 'check' | 'provision' | 'wipe' | 'install' {
  return ['run', 'status', 'check', 'provision', 'wipe', 'install'].includes(word)
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
