import { randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import type { HubProcessOptions } from '../../../local-hub/hub-messages.ts'
import { startHubProcess } from './hub-process.ts'
import type { HubProcess } from './hub-process.ts'
import type { RawTarget } from './raw-amqp.ts'
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
  /** Where it speaks AMQP, for what is asked link by link. */
  readonly amqp: RawTarget
  readonly local: HubProcess | undefined
  /** The connection string of its Event Hubs compatible endpoint. */
  eventHubs(): Promise<string>
  close(): Promise<void>
}

const liveConnectionString = process.env['LIVE_HUB_CONNECTION_STRING']

/** Why a test that needs the local hub does not run; `undefined` when it does. */
export const localOnly: string | undefined = liveConnectionString
  ? 'skipped: LIVE_HUB_CONNECTION_STRING is set, and this test needs the local hub'
  : undefined

/** The title of a test that needs the local hub, with the reason where it is skipped. */
export function localTitle(title: string): string {
  return localOnly ? `${title} (${localOnly})` : title
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
    amqp: local,
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
  const host = /HostName=([^;]*)/.exec(connectionString)?.[1] ?? ''
  const amqp = { host, hostName: host, amqpsPort: 5671, caCertificate: undefined }
  return {
    connectionString,
    agent,
    ca: undefined,
    gateway: '',
    prefix,
    amqp,
    local: undefined,
    eventHubs: () => findEventHubs(connectionString, amqp),
    close() {
      agent.destroy()
      return Promise.resolve()
    },
  }
}
