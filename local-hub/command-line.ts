import { parseArgs } from 'node:util'
import type { FleetSpec, HubProcessOptions } from './hub-messages.ts'

export type Command =
  { readonly kind: 'help' } | { readonly kind: 'start'; readonly options: HubProcessOptions }

export const helpText = `The local hub: Azure IoT Hub on this computer, for unmodified clients.

Usage: npm run hub -- [options]

  --host-name <name>   name in connection strings and certificate (default drover-local.azure-devices.local)
  --https-port <port>  service port; 443 for clients that cannot be told (default: a free port)
  --mqtts-port <port>  device port; 8883 for clients that cannot be told (default: a free port)
  --fleet demo         start simulated devices too
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
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return { kind: 'help' }
  const { 'host-name': hostName, 'https-port': httpsPort, 'mqtts-port': mqttsPort, fleet } = values
  const options: HubProcessOptions = {
    ...(hostName !== undefined && { hostName }),
    ...(httpsPort !== undefined && { httpsPort: parsePort('--https-port', httpsPort) }),
    ...(mqttsPort !== undefined && { mqttsPort: parsePort('--mqtts-port', mqttsPort) }),
    ...(fleet !== undefined && { fleet: parseFleetName(fleet) }),
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
