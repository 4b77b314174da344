/** What an event is about. https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-d2c-understand-message-routing */
export type EventSource =
  'Telemetry' | 'twinChangeEvents' | 'deviceLifecycleEvents' | 'deviceConnectionStateEvents'

/** What a sender may say about its message besides its own properties. */
export interface EventSystemProperties {
  readonly messageId?: string
  readonly correlationId?: string
  readonly userId?: string
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly to?: string
  /** As written. */
  readonly expiry?: string
  readonly subject?: string
  readonly interfaceId?: string
  readonly creationTime?: string
}

/** Who proved to be the sender, and how: the annotation `iothub-connection-auth-method`. */
export interface SenderAuthentication {
  readonly scope: 'device' | 'hub' | 'module'
  readonly type: 'sas' | 'x509Certificate' | 'x509Authority'
}

/** Something that the hub tells whoever reads its built-in endpoint. */
export interface HubEvent {
  readonly source: EventSource
  readonly deviceId: string
  readonly moduleId?: string | undefined
  readonly generationId?: string | undefined
  readonly authentication?: SenderAuthentication | undefined
  readonly system: EventSystemProperties
  /** Application properties, in the order in which they were set. */
  readonly properties: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An event with its place in a partition. */
export interface LoggedEvent {
  readonly event: HubEvent
  /** Counts from 0 in each partition. */
  readonly sequenceNumber: number
  /** Bytes of the partition before this event. */
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly enqueuedAt: number
}

/** Bytes of what an event carries. */
export function sizeOfEvent({ body, properties, system }: HubEvent): number {
  const texts = [...Object.entries(properties).flat(), ...Object.values(system).map(String)]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), body.byteLength)
}
