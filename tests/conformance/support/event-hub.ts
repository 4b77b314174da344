import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { EventHubConsumerClient, earliestEventPosition } from '@azure/event-hubs'
import type { EventHubConsumerClientOptions, EventPosition, ReceivedEventData } from '@azure/event-hubs'
import type { HubProcess } from './hub-process.ts'

/** What a reader of the built-in endpoint has received, partition by partition in order. */
export interface EventReader {
  readonly events: readonly ReceivedEventData[]
  readonly errors: readonly unknown[]
  /** The bodies of the events of a source, in order. */
  bodiesOf(source: string): readonly unknown[]
  close(): Promise<void>
}

export interface ReaderOptions {
  readonly position?: EventPosition
  readonly consumerGroup?: string
  readonly ownerLevel?: number
  /** Absent means all. */
  readonly partitionId?: string
}

/** The client has no option for an authority over plain AMQP. */
export function trustHub({ caCertificate }: HubProcess): void {
  setDefaultCACertificates([...getCACertificates('default'), caCertificate])
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
  { position = earliestEventPosition, ownerLevel, partitionId }: ReaderOptions = {},
): EventReader {
  const events: ReceivedEventData[] = []
  const errors: unknown[] = []
  const handlers = {
    processEvents: (received: readonly ReceivedEventData[]) => {
      events.push(...received)
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
    close: () => subscription.close(),
  }
}

export function sourceOf(event: ReceivedEventData): unknown {
  return event.systemProperties?.['iothub-message-source']
}
