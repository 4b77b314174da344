import type { Agent } from 'node:https'
import { EventHubConsumerClient, latestEventPosition } from '@azure/event-hubs'
import iothub from 'azure-iothub'
import rhea, { type ConnectionOptions, type EventContext } from 'rhea'
import WebSocket from 'ws'
import { fault } from '../../contract/faults.ts'
import type { HubConnection } from '../domain/connection-string.ts'
import type { HubEvents, HubEvent } from '../ports/hub-events.ts'
import { readEvent } from './azure-event-shapes.ts'

interface EventParts {
  readonly connection: HubConnection
  /** Where the hub answers, and whom to trust. */
  readonly agent: Agent
}

/** Where the events of a hub really are. */
interface EventHub {
  readonly host: string
  readonly name: string
}

const redirectMs = 20_000
/** Drover's own, where an administrator has made it; a group has five readers at most. */
const consumerGroup = '$Default'

/**
 * The built-in, Event Hubs compatible endpoint of one hub, over WebSockets: port 443 is open where the hub's is. The
 * hub tells a client that asks it for `messages/events` where the endpoint is, so nobody has to be asked for another
 * connection string: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
 */
export class AzureHubEvents implements HubEvents {
  readonly #parts: EventParts

  constructor(parts: EventParts) {
    this.#parts = parts
  }

  async listen(onEvent: (event: HubEvent) => void, signal: AbortSignal): Promise<void> {
    const client = this.#client(await this.#findEventHub(signal))
    if (signal.aborted) return client.close()
    const subscription = client.subscribe(
      {
        processEvents(events) {
          for (const each of events) {
            const event = readEvent(each)
            if (event) onEvent(event)
          }
          return Promise.resolve()
        },
        // The client comes back by itself, and nobody depends on an event to come; its errors know the credential.
        processError: () => Promise.resolve(),
      },
      { startPosition: latestEventPosition, maxBatchSize: 500, maxWaitTimeInSeconds: 1 },
    )
    signal.addEventListener('abort', () => {
      // Nobody listens any more: an end that the other side does not confirm is an end all the same.
      subscription
        .close()
        .then(() => client.close())
        .catch(() => undefined)
    })
  }

  #client({ host, name }: EventHub): EventHubConsumerClient {
    const { policyName, sharedAccessKey } = this.#parts.connection
    const connectionString = [
      `Endpoint=sb://${host}/`,
      `SharedAccessKeyName=${policyName}`,
      `SharedAccessKey=${sharedAccessKey}`,
      `EntityPath=${name}`,
    ].join(';')
    return new EventHubConsumerClient(consumerGroup, connectionString, {
      webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { agent: this.#parts.agent } },
    })
  }

  /** Asks the hub itself for its events; its answer is the address of the endpoint. */
  #findEventHub(signal: AbortSignal): Promise<EventHub> {
    const container = rhea.create_container()
    const connection = container.connect({ ...this.#signIn(container), reconnect: false })
    return new Promise<EventHub>((resolve, reject) => {
      const giveUp = AbortSignal.any([signal, AbortSignal.timeout(redirectMs)])
      giveUp.addEventListener('abort', () => reject(fault('hub-events-late')))
      container.on('disconnected', () => reject(fault('hub-events-closed')))
      container.on('connection_error', () => reject(fault('hub-events-refused')))
      container.on('receiver_error', ({ receiver }: EventContext) => {
        const eventHub = redirection(receiver?.error)
        if (eventHub) resolve(eventHub)
        else reject(fault('hub-events-nowhere'))
      })
      connection.open_receiver({ source: 'messages/events/$management', credit_window: 0 })
    }).finally(() => connection.close())
  }

  #signIn(container: rhea.Container): ConnectionOptions {
    const { connection, agent } = this.#parts
    const { hostName, policyName, sharedAccessKey } = connection
    const inAnHour = Math.ceil(Date.now() / 1000) + 3_600
    const open = container.websocket_connect(WebSocket)
    return {
      // The agent decides where the name leads to.
      connection_details: open(`wss://${hostName}:443/$iothub/websocket`, ['AMQPWSB10'], { agent }),
      hostname: hostName,
      username: `${policyName}@sas.root.${hostName.split('.')[0] ?? ''}`,
      password: iothub.SharedAccessSignature.create(
        hostName,
        policyName,
        sharedAccessKey,
        inAnHour,
      ).toString(),
    } as unknown as ConnectionOptions
  }
}

/** `amqps://<host>:<port>/<event hub>/$management`, in the details of a link that was closed. */
function redirection(error: unknown): EventHub | undefined {
  const { condition, info } = (error ?? {}) as { condition?: string; info?: { address?: unknown } }
  const address = condition === 'amqp:link:redirect' ? info?.address : undefined
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined
  const { hostname: host, pathname } = new URL(address)
  const name = pathname.split('/')[1] ?? ''
  return name === '' ? undefined : { host, name }
}
