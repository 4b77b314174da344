import type { Server } from 'node:https'
import type { FleetHub, NewFleetDevice } from './fleet/fleet-hub.ts'
import type { FaultPlan, WrittenFaultPlan } from './faults/fault-plan.ts'
import { Faults } from './faults/faults.ts'
import { createHttpServer } from './http/http-server.ts'
import { systemClock } from './hub/clock.ts'
import type { Clock } from './hub/clock.ts'
import { createHub } from './hub/hub.ts'
import type { Hub } from './hub/hub.ts'
import { toJsonObject } from './hub/json.ts'
import { createJobs } from './jobs/create-jobs.ts'
import { createLimits } from './limits/limits.ts'
import { checkTier } from './limits/tier.ts'
import type { Tier } from './limits/tier.ts'
import { close, listen, trackSockets } from './listen.ts'
import { createMqttServer } from './mqtt/mqtt-server.ts'
import type { MqttServer } from './mqtt/mqtt-server.ts'
import { createHubCertificate } from './security/certificates.ts'
import { checkHostName } from './security/host-name.ts'
import { newPolicies } from './security/policies.ts'
import type { Policies, PolicyName } from './security/policies.ts'

export interface LocalHubOptions {
  /** The name in connection strings and in the certificate; a name under a real Azure domain is refused. */
  readonly hostName?: string
  /** 0, the default, takes a free port. */
  readonly httpsPort?: number
  readonly mqttsPort?: number
  /** How far queries lag behind the twins. */
  readonly queryLagMs?: number
  /** Whose throttles and quota apply; absent means no limits. */
  readonly tier?: Tier
  /** What goes wrong with the requests of the service side. */
  readonly faults?: WrittenFaultPlan
  readonly clock?: Clock
  /** Hears errors that are the hub's own fault; the default is a process warning. */
  readonly onBug?: (error: unknown) => void
}

interface Parts {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly caCertificate: string
  readonly https: Server
  readonly mqtt: MqttServer
  /** Frees every connection at once. */
  readonly destroySockets: () => void
  readonly httpsPort: number
  readonly mqttsPort: number
}

/** How long devices have to hang up when the hub stops. */
const goodbyeMs = 500

/** IoT Hub on this computer, on loopback, with keys and certificates of its own. */
export class LocalHub implements FleetHub {
  readonly hostName: string
  readonly httpsPort: number
  readonly mqttsPort: number
  /** PEM of the authority to trust. */
  readonly caCertificate: string
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.hostName = parts.hostName
    this.httpsPort = parts.httpsPort
    this.mqttsPort = parts.mqttsPort
    this.caCertificate = parts.caCertificate
    this.#parts = parts
  }

  /** Throws RangeError for a host name, a tier or faults that are refused, PortUnavailable. */
  static async start(options: LocalHubOptions = {}): Promise<LocalHub> {
    const hostName = checkHostName(options.hostName ?? 'drover-local.azure-devices.local')
    const { clock = systemClock, queryLagMs = 0, onBug = warn } = options
    const limits = createLimits(clock, options.tier && checkTier(options.tier))
    const hub = createHub({ clock, queryLagMs })
    const policies = newPolicies()
    const certificate = await createHubCertificate(hostName)
    const serverOptions = { hub, hostName, policies, limits, certificate, onBug }
    const faults = new Faults(options.faults && (await checkFaults(options.faults)))
    const jobs = createJobs(hub, limits, onBug)
    const https = createHttpServer({ ...serverOptions, faults, jobs })
    const mqtt = createMqttServer(serverOptions)
    const destroy = [trackSockets(https), trackSockets(mqtt.server)]
    const httpsPort = await listen(https, options.httpsPort ?? 0)
    const mqttsPort = await listen(mqtt.server, options.mqttsPort ?? 0).catch(async (error: unknown) => {
      await close(https)
      throw error
    })
    const destroySockets = () => {
      for (const destroySocketsOf of destroy) destroySocketsOf()
    }
    const caCertificate = certificate.authority
    return new LocalHub({
      hub,
      hostName,
      policies,
      caCertificate,
      https,
      mqtt,
      httpsPort,
      mqttsPort,
      destroySockets,
    })
  }

  /** Telemetry messages that devices have sent. */
  get telemetryCount(): number {
    return this.#parts.hub.telemetry.count
  }

  serviceConnectionString(policy: PolicyName = 'iothubowner'): string {
    const key = this.#parts.policies.get(policy)?.key ?? ''
    return `HostName=${this.hostName};SharedAccessKeyName=${policy};SharedAccessKey=${key}`
  }

  /** Throws DeviceNotFound. */
  deviceConnectionString(deviceId: string): string {
    const { keys } = this.#parts.hub.registry.get(deviceId)
    return [
      `HostName=${this.hostName}`,
      `DeviceId=${deviceId}`,
      `SharedAccessKey=${keys.primary}`,
      `GatewayHostName=localhost:${this.mqttsPort}`,
    ].join(';')
  }

  /** Registers a device without a request; throws what the registry and the twin limits throw. */
  // eslint-disable-next-line @typescript-eslint/require-await -- the fleet sees a promise, whatever the hub does to keep a device
  async createDevice(deviceId: string, { tags }: NewFleetDevice = {}): Promise<string> {
    const { registry, twins } = this.#parts.hub
    registry.create(deviceId, { status: 'enabled', statusReason: undefined, keys: {} })
    if (tags) twins.change(deviceId, { change: { tags: toJsonObject(tags) }, mode: 'patch', ifMatch: '*' })
    return this.deviceConnectionString(deviceId)
  }

  /** Says goodbye to devices and clients and frees the ports. */
  async stop(): Promise<void> {
    const { https, mqtt, destroySockets } = this.#parts
    mqtt.endConnections()
    https.closeAllConnections()
    const hangUp = setTimeout(destroySockets, goodbyeMs)
    await Promise.all([close(https), close(mqtt.server)])
    clearTimeout(hangUp)
  }
}

/** Loaded when it is needed: a hub without faults starts sooner. Throws RangeError. */
async function checkFaults(written: WrittenFaultPlan): Promise<FaultPlan> {
  const { parseFaultPlan } = await import('./faults/fault-plan.ts')
  return parseFaultPlan(written)
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}
