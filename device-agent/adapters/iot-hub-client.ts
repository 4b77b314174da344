import { Client, type DeviceMethodResponse } from 'azure-iot-device'
import { Mqtt, MqttWs } from 'azure-iot-device-mqtt'
import { parseConnectionString } from '../connection-string.ts'
import { withDeadline } from '../deadline.ts'
import type { MethodAnswer } from '../domain/method-decision.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectToHub, HubConnection, MethodHandler } from '../ports/hub-connection.ts'
import type { Attempt, HubIdentity } from '../ports/hub-identity.ts'
import type { Log } from '../ports/log.ts'
import { dropSocket } from './drop-socket.ts'
import { toAuthenticationProvider } from './hub-credentials.ts'
import { network, type Network } from './network.ts'
import { closeQuietly, toConnection, whenLost } from './sdk-connection.ts'
import { systemClock } from './system-clock.ts'

export interface HubRoute extends Attempt {
  readonly network: Network
}

export interface HubClientParts {
  readonly clock: Clock
  readonly log: Log
}

export interface IotHubOptions {
  readonly connectionString: string
  /** PEM of the authority to trust instead of the public ones. */
  readonly caCertificate?: string | undefined
  readonly log: Log
}

/** The SDK's own retries end after four minutes and keep a second, hidden connection alive: the agent has its own. */
const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => 0 }

/** Half the default: a connection that a router dropped in silence is noticed within three minutes. */
const keepaliveSeconds = 90

/** The SDK gives up after a minute by itself. */
const longestConnectMs = 65_000

/** Makes connections over MQTT for a device with a key, straight to its hub. */
export function iotHubConnector({ connectionString, caCertificate, log }: IotHubOptions): ConnectToHub {
  const { key, ...place } = parseConnectionString(connectionString)
  if (key === undefined) throw new Error('the connection string has no SharedAccessKey')
  const identity: HubIdentity = { ...place, credentials: { kind: 'key', key } }
  const route: HubRoute = {
    transport: 'mqtt',
    network: network({ ca: caCertificate }),
    deadlineMs: longestConnectMs,
  }
  return (handlers) => openHubConnection({ identity, handlers, route }, { clock: systemClock, log })
}

export interface HubCall {
  readonly identity: HubIdentity
  readonly handlers: ReadonlyMap<string, MethodHandler>
  readonly route: HubRoute
}

/** Makes one connection with the genuine device SDK, with a client of its own. */
export async function openHubConnection(
  { identity, handlers, route }: HubCall,
  { clock, log }: HubClientParts,
): Promise<HubConnection> {
  const isWebSocket = route.transport === 'mqtt-websocket'
  const provider = toAuthenticationProvider(isWebSocket ? throughPort443(identity) : identity, clock)
  const client = Client.fromAuthenticationProvider(provider, isWebSocket ? MqttWs : Mqtt)
  client.setRetryPolicy(noRetry)
  const lost = whenLost(client)
  try {
    await client.setOptions(optionsOf(identity, route))
    const deadline = { clock, timeoutMs: route.deadlineMs, what: `connect with ${route.transport}` }
    await withDeadline(client.open(), deadline)
  } catch (error) {
    abandon(client)
    throw plain(error)
  }
  answerMethods(client, handlers, log)
  return toConnection(client, lost)
}

/** The SDK calls everything "not authorized", also a port that is closed: what MQTT.js said stands behind that. */
function plain(error: unknown): unknown {
  const said = /^mqtt\.js returned .*? \(Not authorized\): (.+?)(?: error)?$/i.exec(textOf(error))?.[1]
  return said === undefined ? error : new Error(said, { cause: error })
}

function optionsOf(identity: HubIdentity, { transport, network }: HubRoute) {
  const host = throughPort443(identity).gatewayHostName ?? identity.hostName
  const { agent, ca } = network.hubRequestOptions(host)
  return {
    keepalive: keepaliveSeconds,
    ...(ca !== undefined && { ca }),
    ...(transport === 'mqtt-websocket' && { mqtt: { webSocketAgent: agent } }),
  }
}

/** A gateway that names its port is one for MQTT itself: a WebSocket goes to the hub. */
function throughPort443(identity: HubIdentity): HubIdentity {
  return identity.gatewayHostName?.includes(':') ? { ...identity, gatewayHostName: undefined } : identity
}

function answerMethods(client: Client, handlers: HubCall['handlers'], log: Log): void {
  for (const [name, handler] of handlers) {
    client.onDeviceMethod(name, (request, response) => {
      handler(request.payload).then(
        (answer) => send(response, answer, log),
        (error: unknown) => {
          log('bug', { problem: textOf(error) })
        },
      )
    })
  }
}

/** An answer that is lost changes nothing: the caller asks again with the same action id. */
async function send(response: DeviceMethodResponse, answer: MethodAnswer, log: Log): Promise<void> {
  try {
    await response.send(answer.status, answer.payload)
  } catch (error) {
    log('answer-lost', { problem: textOf(error) })
  }
}

/** Whatever it still does, it does for nobody. */
function abandon(client: Client): void {
  try {
    dropSocket(client)
  } catch {
    // It has no socket yet.
  }
  void closeQuietly(client)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
