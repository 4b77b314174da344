import { parseArgs } from 'node:util'
import { parseFleetWords } from './fleet/fleet-spec.ts'
import type { HubProcessOptions } from './hub-messages.ts'
import { checkTier } from './limits/tier.ts'
import type { Tier } from './limits/tier.ts'

export type Command =
  { readonly kind: 'help' } | { readonly kind: 'start'; readonly options: HubProcessOptions }

interface Flag {
  readonly name: string
  /** What stands for its value in the help; a flag without one takes none. */
  readonly value?: string
  readonly help: string
  /** A flag without it is read together with others, below. */
  readonly read?: (text: string, flag: string) => HubProcessOptions
}

/** Every flag, in the order of the help. */
const flags: readonly Flag[] = [
  {
    name: 'host-name',
    value: 'name',
    help: 'name in connection strings and certificate (default drover-local.azure-devices.local)',
    read: (hostName) => ({ hostName }),
  },
  {
    name: 'https-port',
    value: 'port',
    help: 'port of back ends, WebSockets and devices over HTTPS; 443 for clients that cannot be told (default: a free port)',
    read: (text, flag) => ({ httpsPort: parsePort(text, flag) }),
  },
  {
    name: 'mqtts-port',
    value: 'port',
    help: 'MQTT port; 8883 for clients that cannot be told (default: a free port)',
    read: (text, flag) => ({ mqttsPort: parsePort(text, flag) }),
  },
  {
    name: 'amqps-port',
    value: 'port',
    help: 'AMQP port, also of the built-in endpoint; 5671 for clients that cannot be told (default: a free port)',
    read: (text, flag) => ({ amqpsPort: parsePort(text, flag) }),
  },
  {
    name: 'consumer-groups',
    value: 'names',
    help: 'consumer groups of the built-in endpoint besides $Default, separated by commas',
    read: (text) => ({ consumerGroups: text.split(',') }),
  },
  {
    name: 'data',
    value: 'folder',
    help: 'keep everything in this folder; the next hub on it goes on where this one stopped',
    read: (dataFolder) => ({ dataFolder }),
  },
  {
    name: 'fleet',
    value: 'demo|number',
    help: 'start simulated devices too: the demo, or so many light ones',
  },
  { name: 'dialect-mix', value: 'mix', help: 'what they speak, such as agent=70,tutorial=20,sample=10' },
  { name: 'scenario', value: 'file', help: 'start the devices of this file (JSON, see docs/local-hub.md)' },
  { name: 'tier', value: 'tier', help: 'throttles and daily quota of F1, S1, S2 or S3 (default: no limits)' },
  { name: 'units', value: 'number', help: 'units of that tier (default 1)' },
  { name: 'burst', value: 'seconds', help: 'how much work passes at once before it is queued (default 60)' },
  {
    name: 'query-lag',
    value: 'seconds',
    help: 'how far queries lag behind the twins (default 0)',
    read: (text, flag) => ({ queryLagMs: parseSeconds(text, flag) }),
  },
  {
    name: 'faults',
    value: 'file',
    help: 'what goes wrong with requests, and with what devices do (JSON, see docs/local-hub.md)',
    read: (faultsFile) => ({ faultsFile }),
  },
  {
    name: 'device-ca',
    value: 'file',
    help: 'authority whose device certificates are trusted (PEM)',
    read: (deviceCaFile) => ({ deviceCaFile }),
  },
  {
    name: 'test-token',
    value: 'token',
    help: 'accept this Bearer token in the place of one of Microsoft Entra ID',
    read: (testToken) => ({ testToken }),
  },
  { name: 'help', help: 'show this text' },
]

/** `program` is how the person started it. */
export function helpText(program: string): string {
  return `The local hub: Azure IoT Hub on this computer, for unmodified clients.

Usage: ${program} [options]

${flags.map(helpOf).join('\n')}

The hub listens on 127.0.0.1 only. Stop it with Ctrl-C; without --data, what it knew is then gone.`
}

/** Throws TypeError or RangeError, worded for the person who typed. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(flags.map(({ name }) => [name, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return { kind: 'help' }
  const words = values as Readonly<Partial<Record<string, string>>>
  const tier = parseTier(words)
  const fleet = parseFleetWords({
    fleet: words['fleet'],
    mix: words['dialect-mix'],
    scenario: words['scenario'],
  })
  assertPortsDiffer(words)
  const options = { ...readAlone(words), ...(tier && { tier }), ...(fleet && { fleet }) }
  return { kind: 'start', options }
}

function readAlone(words: Readonly<Partial<Record<string, string>>>): HubProcessOptions {
  const options = flags.map(({ name, read }) => {
    const text = words[name]
    return text === undefined ? undefined : read?.(text, `--${name}`)
  })
  return Object.assign({}, ...options) as HubProcessOptions
}

function helpOf(flag: Flag): string {
  const widest = Math.max(...flags.map((one) => syntaxOf(one).length))
  return `  ${syntaxOf(flag).padEnd(widest)}  ${flag.help}`
}

function syntaxOf({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`
}

/** What the system would say of the second one is that somebody else has the port. */
function assertPortsDiffer(words: Readonly<Partial<Record<string, string>>>): void {
  const ports = ['https-port', 'mqtts-port', 'amqps-port'].flatMap((name) => {
    const port = Number(words[name] ?? 0)
    return port === 0 ? [] : [{ name, port }]
  })
  for (const [index, { name, port }] of ports.entries()) {
    const other = ports.slice(index + 1).find((one) => one.port === port)
    if (other) throw new RangeError(`--${name} and --${other.name} are both ${port}.`)
  }
}

function parsePort(text: string, flag: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new RangeError(`${flag} should be a number from 0 to 65535, not '${text}'.`)
}

/** Answers milliseconds. */
function parseSeconds(text: string, flag: string): number {
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000)
  throw new RangeError(`${flag} should be a number of seconds, not '${text}'.`)
}

function parseTier({
  tier: name,
  units,
  burst,
}: Readonly<Partial<Record<string, string>>>): Tier | undefined {
  if (name === undefined) {
    if (units === undefined && burst === undefined) return undefined
    throw new RangeError('--units and --burst need a --tier.')
  }
  return checkTier({
    name,
    units: units === undefined ? 1 : Number(units),
    ...(burst !== undefined && { burstSeconds: Number(burst) }),
  })
}
