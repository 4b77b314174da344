import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs'
import type { EventHubConsumerClientOptions, EventPosition, ReceivedEventData } from '@azure/event-hubs'
import { eventually } from './eventually.ts'
import type { HubProcess } from './hub-process.ts'
import type { Target } from './target.ts'

/** What a reader of the built-in endpoint has received, partition by partition in order. */
export interface EventReader {
  readonly events: readonly ReceivedEventData[]
  readonly errors: readonly unknown[]
  /** The bodies of the events of a source, in order. */
  bodiesOf(source: string): readonly unknown[]
  /** Where the event was. */
  partitionOf(event: ReceivedEventData): string
  /** The first event that satisfies, when it has come. */
  arrival(isWanted: (event: ReceivedEventData) => boolean): Promise<ReceivedEventData>
  close(): Promise<void>
}

export interface ReaderOptions {
  readonly position?: EventPosition
  readonly consumerGroup?: string
  readonly ownerLevel?: number
  /** Absent means all. */
  readonly partitionId?: string
  /** What the ids of the devices begin with whose events are kept; absent means all. */
  readonly prefix?: string
}

/** The client has no option for an authority over plain AMQP. */
export function trustHub({ caCertificate }: Pick<HubProcess, 'caCertificate'>): void {
  setDefaultCACertificates([...getCACertificates('default'), caCertificate])
}

/** Reads the events of the devices of this run; others may use the hub as well. */
export async function readRun(target: Target): Promise<EventReader> {
  if (target.ca !== undefined) trustHub({ caCertificate: target.ca })
  const client = openEventHub({ eventHubsConnectionString: await target.eventHubs() })
  const reader = readEvents(client, { prefix: target.prefix, position: { enqueuedOn: Date.now() - 600_000 } })
  return {
    ...reader,
    async close() {
      await reader.close()
      await client.close()
    },
  }
}

export function openEventHub(
  { eventHubsConnectionString }: Pick<HubProcess, 'eventHubsConnectionString'>,
  { consumerGroup = '$Default', ...options }: EventHubConsumerClientOptions & { consumerGroup?: string } = {},
): EventHubConsumerClient {
  return new EventHubConsumerClient(consumerGroup, eventHubsConnectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 10_000 },
    ...options,
  })
}

/** Reads all partitions from now, or from a position. */
export function readEvents(
  client: EventHubConsumerClient,
  { position = earliestEventPosition, ownerLevel, partitionId, prefix = '' }: ReaderOptions = {},
): EventReader {
  const events: ReceivedEventData[] = []
  const errors: unknown[] = []
  const partitions = new Map<ReceivedEventData, string>()
  const handlers = {
    processEvents: (received: readonly ReceivedEventData[], context: { readonly partitionId: string }) => {
      const wanted = received.filter((event) => deviceOf(event).startsWith(prefix))
      for (const event of wanted) partitions.set(event, context.partitionId)
      events.push(...wanted)
      return Promise.resolve()
    },
    processError: (error: unknown) => {
      errors.push(error)
      return Promise.resolve()
    },
  }
  const options = {
    startPosition: position,
    maxWaitTimeInSeconds: 1,
    maxBatchSize: 1000,
    ...(ownerLevel !== undefined && { ownerLevel }),
  }
  const subscription =
    partitionId === undefined
      ? client.subscribe(handlers, options)
      : client.subscribe(partitionId, handlers, options)
  return {
    events,
    errors,
    bodiesOf: (source) =>
      events.filter((event) => sourceOf(event) === source).map(({ body }) => body as unknown),
    partitionOf: (event) => partitions.get(event) ?? '',
    async arrival(isWanted) {
      const find = () => Promise.resolve(events.find(isWanted))
      const found = await eventually(find, (event) => event !== undefined)
      if (!found) throw new Error('It was there just now.')
      return found
    },
    close: () => subscription.close(),
  }
}

export function sourceOf(event: ReceivedEventData): unknown {
  return event.systemProperties?.['iothub-message-source']
}

/** The id of the device that an event is of, or is about. */
export function deviceOf(event: ReceivedEventData): string {
  return String(event.systemProperties?.['iothub-connection-device-id'] ?? '')
}
