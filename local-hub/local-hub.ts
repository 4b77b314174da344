import { createAmqpServer } from './amqp/amqp-server.ts'
import type { AmqpServer } from './amqp/amqp-server.ts'
import { checkConsumerGroups, createEventsEndpoint } from './amqp/events-endpoint.ts'
import { recordEvents } from './events/record-events.ts'
import type { FleetHub, NewFleetDevice } from './fleet/fleet-hub.ts'
import type { FaultPlan, WrittenFaultPlan } from './faults/fault-plan.ts'
import { Faults } from './faults/faults.ts'
import { createHttpServer } from './http/http-server.ts'
import { systemClock } from './hub/clock.ts'
import type { Clock } from './hub/clock.ts'
import { createHub } from './hub/hub.ts'
import type { Hub } from './hub/hub.ts'
import { keysOf } from './hub/identity-secrets.ts'
import { toJsonObject } from './hub/json.ts'
import { createJobs } from './jobs/create-jobs.ts'
import { createLimits } from './limits/limits.ts'
import { checkTier } from './limits/tier.ts'
import type { Tier } from './limits/tier.ts'
import { createMqttServer } from './mqtt/mqtt-server.ts'
import type { MqttServer } from './mqtt/mqtt-server.ts'
import { clientCertificateOf } from './security/client-certificate.ts'
import type { Policies, PolicyName } from './security/policies.ts'
import { startServers } from './servers.ts'
import type { Ports, RunningServers, WantedPorts } from './servers.ts'
import { dataInMemory } from './store/hub-data.ts'
import type { HubData } from './store/hub-data.ts'
import { checkTestToken } from './security/test-token.ts'
import { checkDeviceAuthorities } from './security/tls-options.ts'
import { serveWebSockets } from './websocket/web-sockets.ts'
import type { WebSocketProtocol } from './websocket/web-sockets.ts'

export interface LocalHubOptions extends WantedPorts {
  /** The name in connection strings and in the certificate; a name under a real Azure domain is refused. */
  readonly hostName?: string
  /** Keeps everything here, and goes on with what is here; absent means in memory only. */
  readonly dataFolder?: string
  /** How far queries lag behind the twins. */
  readonly queryLagMs?: number
  /** Whose throttles and quota apply; absent means no limits. */
  readonly tier?: Tier
  /** What goes wrong with the requests of the service side. */
  readonly faults?: WrittenFaultPlan
  /** PEM of the authorities whose device certificates are trusted. */
  readonly deviceAuthorities?: readonly string[]
  /** Of the built-in endpoint, besides `$Default`. */
  readonly consumerGroups?: readonly string[]
  /** Accepted as `Bearer` token of the service side, as IoT Hub accepts one of Microsoft Entra ID; absent means none is. */
  readonly testToken?: string
  readonly clock?: Clock
  /** Hears errors that are the hub's own fault; the default is a process warning. */
  readonly onBug?: (error: unknown) => void
}

interface Parts {
  readonly hub: Hub
  readonly data: HubData
  readonly hostName: string
  readonly policies: Policies
  readonly caCertificate: string
  readonly eventHubName: string
  readonly servers: RunningServers
}

/** IoT Hub on this computer, on loopback, with keys and certificates of its own. */
export class LocalHub implements FleetHub {
  readonly hostName: string
  readonly httpsPort: number
  readonly mqttsPort: number
  readonly amqpsPort: number
  /** PEM of the authority to trust. */
  readonly caCertificate: string
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.hostName = parts.hostName
    this.httpsPort = parts.servers.ports.httpsPort
    this.mqttsPort = parts.servers.ports.mqttsPort
    this.amqpsPort = parts.servers.ports.amqpsPort
    this.caCertificate = parts.caCertificate
    this.#parts = parts
  }

  /** Throws RangeError for a host name, a tier or faults that are refused, PortUnavailable, DataFolderUnusable. */
  static async start(options: LocalHubOptions = {}): Promise<LocalHub> {
    const data = await openData(options)
    try {
      return await LocalHub.#startOn(data, options)
    } catch (error) {
      await data.close()
      throw error
    }
  }

  static async #startOn(data: HubData, options: LocalHubOptions): Promise<LocalHub> {
    const { hostName, policies, certificate } = data.identity
    const { clock = systemClock, queryLagMs = 0, onBug = warn } = options
    const limits = createLimits(clock, options.tier && checkTier(options.tier))
    const hub = createHub({ clock, queryLagMs, durability: data.durability })
    const deviceAuthorities = checkDeviceAuthorities(options.deviceAuthorities ?? [])
    const testToken = options.testToken === undefined ? undefined : checkTestToken(options.testToken)
    const serverOptions = { hub, hostName, policies, limits, certificate, deviceAuthorities, onBug }
    const faults = new Faults(options.faults && (await checkFaults(options.faults)))
    const jobs = createJobs(hub, limits, onBug)
    data.keep({ hub, jobs })
    const eventHubName = hostName.slice(0, hostName.indexOf('.'))
    // After what was kept is back: that is no news.
    recordEvents(hub, eventHubName)
    let ports: Ports | undefined = undefined
    const events = createEventsEndpoint({
      name: eventHubName,
      log: hub.events,
      consumerGroups: checkConsumerGroups(options.consumerGroups ?? []),
      address: () => ({ host: hostName, port: ports?.amqpsPort ?? 0 }),
    })
    const https = createHttpServer({ ...serverOptions, testToken, faults, jobs })
    const mqtt = createMqttServer({ ...serverOptions, faults })
    const amqp = createAmqpServer({ ...serverOptions, testToken, events, faults })
    serveWebSockets(https, [
      webSocketFor('/$iothub/websocket', 'mqtt', mqtt),
      webSocketFor('/$iothub/websocket', 'AMQPWSB10', amqp),
      webSocketFor('/$servicebus/websocket', 'AMQPWSB10', amqp),
    ])
    const servers = await startServers({ https, mqtt, amqp }, options)
    ports = servers.ports
    const caCertificate = certificate.authority
    return new LocalHub({ hub, data, hostName, policies, caCertificate, eventHubName, servers })
  }

  /** Telemetry messages that devices have sent. */
  get telemetryCount(): number {
    return this.#parts.hub.telemetry.count
  }

  serviceConnectionString(policy: PolicyName = 'iothubowner'): string {
    const key = this.#parts.policies.get(policy)?.key ?? ''
    return `HostName=${this.hostName};SharedAccessKeyName=${policy};SharedAccessKey=${key}`
  }

  /** For clients of Event Hubs, such as `@azure/event-hubs`: telemetry, and what happens to devices and twins. */
  eventHubsConnectionString(policy: PolicyName = 'service'): string {
    const { policies, eventHubName } = this.#parts
    const key = policies.get(policy)?.key ?? ''
    return [
      `Endpoint=sb://localhost:${this.amqpsPort}/`,
      `SharedAccessKeyName=${policy}`,
      `SharedAccessKey=${key}`,
      `EntityPath=${eventHubName}`,
    ].join(';')
  }

  /** Throws DeviceNotFound. */
  deviceConnectionString(deviceId: string): string {
    const keys = keysOf(this.#parts.hub.registry.get(deviceId))
    return [
      `HostName=${this.hostName}`,
      `DeviceId=${deviceId}`,
      keys ? `SharedAccessKey=${keys.primary}` : 'x509=true',
      `GatewayHostName=localhost:${this.mqttsPort}`,
    ].join(';')
  }

  /** Registers a device, unless it is kept from an earlier run; throws what the registry and the twin limits throw. */
  async createDevice(deviceId: string, { tags }: NewFleetDevice = {}): Promise<string> {
    const { registry, store, twins } = this.#parts.hub
    if (store.get(deviceId)) return this.deviceConnectionString(deviceId)
    registry.create(deviceId, { status: 'enabled', statusReason: undefined })
    if (tags) twins.change(deviceId, { change: { tags: toJsonObject(tags) }, mode: 'patch', ifMatch: '*' })
    await this.#parts.hub.durability.settled()
    return this.deviceConnectionString(deviceId)
  }

  /** Says goodbye to devices and clients and frees the ports. */
  async stop(): Promise<void> {
    const { data, servers } = this.#parts
    await servers.stop()
    await data.close()
  }
}

/** Lets a server have the clients that come over a WebSocket. */
function webSocketFor(
  path: string,
  name: string,
  server: Pick<MqttServer | AmqpServer, 'accept'>,
): WebSocketProtocol {
  return {
    path,
    name,
    accept(stream, socket) {
      server.accept({ stream, certificate: clientCertificateOf(socket) })
    },
  }
}

/** What keeps data is loaded when it is needed. Throws RangeError, DataFolderUnusable. */
async function openData({ dataFolder, hostName, onBug = warn }: LocalHubOptions): Promise<HubData> {
  if (dataFolder === undefined) return dataInMemory(hostName)
  const { dataInFolder } = await import('./store/data-in-folder.ts')
  return dataInFolder(dataFolder, { hostName, onFailure: onBug })
}

/** Loaded when it is needed: a hub without faults starts sooner. Throws RangeError. */
async function checkFaults(written: WrittenFaultPlan): Promise<FaultPlan> {
  const { parseFaultPlan } = await import('./faults/fault-plan.ts')
  return parseFaultPlan(written)
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
