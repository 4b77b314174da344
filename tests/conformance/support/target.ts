import { randomBytes } from 'node:crypto'
import { Agent } from 'node:https'
import { startHubProcess } from './hub-process.ts'
import type { HubProcess } from './hub-process.ts'

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
  readonly local: HubProcess | undefined
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

export async function openTarget(): Promise<Target> {
  const prefix = `conformance-${randomBytes(4).toString('hex')}-`
  return liveConnectionString ? liveTarget(liveConnectionString, prefix) : localTarget(prefix)
}

/** An agent that reaches the local hub's port while host header and signatures keep the hub's name. */
export function localAgent(hub: HubProcess): Agent {
  const { httpsPort: port, hostName: servername, caCertificate: ca } = hub
  return new Agent({ keepAlive: true, maxSockets: 16, host: '127.0.0.1', port, servername, ca })
}

async function localTarget(prefix: string): Promise<Target> {
  const local = await startHubProcess()
  const agent = localAgent(local)
  return {
    connectionString: local.connectionString,
    agent,
    ca: local.caCertificate,
    gateway: `;GatewayHostName=localhost:${local.mqttsPort}`,
    prefix,
    local,
    async close() {
      agent.destroy()
      await local.stop()
    },
  }
}

function liveTarget(connectionString: string, prefix: string): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  return {
    connectionString,
    agent,
    ca: undefined,
    gateway: '',
    prefix,
    local: undefined,
    close() {
      agent.destroy()
      return Promise.resolve()
    },
  }
}
