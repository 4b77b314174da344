import { randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import type { HubProcessOptions } from '../../../local-hub/hub-messages.ts'
import { liveAddress } from './hub-address.ts'
import type { HubAddress } from './hub-address.ts'
import { startHubProcess } from './hub-process.ts'
import type { HubProcess } from './hub-process.ts'
import { findEventHubs } from './redirection.ts'

/** The hub under test: the local one, or the real one of LIVE_HUB_CONNECTION_STRING. */
export interface Target {
  readonly connectionString: string
  /** Reaches the service port. */
  readonly agent: Agent
  /** What device clients trust; `undefined` for public authorities. */
  readonly ca: string | undefined
  /** Appended to a device's connection string. */
  readonly gateway: string
  /** Starts every device id of this run, so that a shared hub is left as it was found. */
  readonly prefix: string
  readonly address: HubAddress
  readonly local: HubProcess | undefined
  /** The connection string of its Event Hubs compatible endpoint. */
  eventHubs(): Promise<string>
  close(): Promise<void>
}

/** Why a test cannot run against a live hub. */
const localReasons = {
  ownHub: 'it starts the hub itself, with what the test needs',
  faults: 'no hub of Azure goes wrong when it is told to',
  hostile: 'whoever runs a hub of others does not attack it, and each message would be billed',
  policies: 'it needs the keys of other policies, which the connection string of one does not have',
  billing: 'Azure does not tell a client what it has billed',
  setUp: 'it needs what only the owner of a hub can set up, and not with a connection string',
  ownChoice: 'IoT Hub documents no answer, and this is the choice of the local hub',
  between: 'it stands between the device and the hub',
  ownAuthority: 'the authority of Azure is one that every client trusts',
  others: 'others may use a live hub at the same time, and would be listed, counted or pushed out',
} as const

type LocalReason = keyof typeof localReasons

const liveConnectionString = process.env['LIVE_HUB_CONNECTION_STRING']

/** Whether a test that needs the local hub is skipped. */
export const localOnly = liveConnectionString !== undefined && liveConnectionString !== ''

/** The title of a test that needs the local hub, with the reason where it is skipped. */
export function localTitle(title: string, reason: LocalReason): string {
  return localOnly ? `${title} (not on a live hub: ${localReasons[reason]})` : title
}

/** The options are those of the local hub; a live hub is as it is. */
export async function openTarget(options: HubProcessOptions = {}): Promise<Target> {
  const prefix = `conformance-${randomBytes(4).toString('hex')}-`
  return liveConnectionString
    ? liveTarget(liveConnectionString, prefix)
    : localTarget(await startHubProcess(options), prefix)
}

/** An agent that reaches the local hub's port while host header and signatures keep the hub's name. */
export function localAgent(hub: HubProcess): Agent {
  const { httpsPort: port, hostName: servername, caCertificate: ca } = hub
  return new Agent({ keepAlive: true, maxSockets: 16, host: '127.0.0.1', port, servername, ca })
}

export function localTarget(local: HubProcess, prefix: string): Target {
  const agent = localAgent(local)
  return {
    connectionString: local.connectionString,
    agent,
    ca: local.caCertificate,
    gateway: `;GatewayHostName=localhost:${local.mqttsPort}`,
    prefix,
    address: local,
    local,
    eventHubs: () => Promise.resolve(local.eventHubsConnectionString),
    async close() {
      agent.destroy()
      await local.stop()
    },
  }
}

/** The local hub of a target, for a test that runs against no other. */
export function localOf({ local }: Target): HubProcess {
  if (!local) throw new Error('This needs the local hub.')
  return local
}

function liveTarget(connectionString: string, prefix: string): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const address = liveAddress(connectionString)
  return {
    connectionString,
    agent,
    ca: undefined,
    gateway: '',
    prefix,
    address,
    local: undefined,
    eventHubs: () => findEventHubs(address),
    close() {
      agent.destroy()
      return Promise.resolve()
    },
  }
}
