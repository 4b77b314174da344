import { parseArgs } from 'node:util'
import type { FleetSpec, HubProcessOptions } from './hub-messages.ts'
import { checkTier } from './limits/tier.ts'
import type { Tier } from './limits/tier.ts'

export type Command =
  { readonly kind: 'help' } | { readonly kind: 'start'; readonly options: HubProcessOptions }

export const helpText = `The local hub: Azure IoT Hub on this computer, for unmodified clients.

Usage: npm run hub -- [options]

  --host-name <name>   name in connection strings and certificate (default drover-local.azure-devices.local)
  --https-port <port>  service port; 443 for clients that cannot be told (default: a free port)
  --mqtts-port <port>  device port; 8883 for clients that cannot be told (default: a free port)
  --fleet demo         start simulated devices too
  --tier <tier>        throttles and daily quota of F1, S1, S2 or S3 (default: no limits)
  --units <number>     units of that tier (default 1)
  --burst <seconds>    how much work passes at once before it is queued (default 60)
  --faults <file>      what goes wrong with requests of the service side (JSON, see docs/local-hub.md)
  --help               show this text

The hub listens on 127.0.0.1 only. Stop it with Ctrl-C; what it knew is then gone.`

/** Throws TypeError or RangeError, worded for the person who typed. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'host-name': { type: 'string' },
      'https-port': { type: 'string' },
      'mqtts-port': { type: 'string' },
      fleet: { type: 'string' },
      tier: { type: 'string' },
      units: { type: 'string' },
      burst: { type: 'string' },
      faults: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return { kind: 'help' }
  const {
    'host-name': hostName,
    'https-port': httpsPort,
    'mqtts-port': mqttsPort,
    fleet,
    faults: faultsFile,
  } = values
  const tier = parseTier(values)
  const options: HubProcessOptions = {
    ...(hostName !== undefined && { hostName }),
    ...(httpsPort !== undefined && { httpsPort: parsePort('--https-port', httpsPort) }),
    ...(mqttsPort !== undefined && { mqttsPort: parsePort('--mqtts-port', mqttsPort) }),
    ...(fleet !== undefined && { fleet: parseFleetName(fleet) }),
    ...(tier !== undefined && { tier }),
    ...(faultsFile !== undefined && { faultsFile }),
  }
  return { kind: 'start', options }
}

function parsePort(option: string, text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new RangeError(`${option} should be a number from 0 to 65535, not '${text}'.`)
}

function parseFleetName(name: string): FleetSpec {
  if (name === 'demo') return { name }
  throw new RangeError(`There is no fleet '${name}'; the only one is 'demo'.`)
}

function parseTier({ tier: name, units, burst }: Partial<Record<string, unknown>>): Tier | undefined {
  if (typeof name !== 'string') {
    if (units === undefined && burst === undefined) return undefined
    throw new RangeError('--units and --burst need a --tier.')
  }
  return checkTier({
    name,
    units: units === undefined ? 1 : Number(units),
    ...(burst !== undefined && { burstSeconds: Number(burst) }),
  })
}
