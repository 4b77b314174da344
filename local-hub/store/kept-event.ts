import type { HubEvent, LoggedEvent } from '../events/hub-event.ts'

/** An event of the built-in endpoint as plain JSON. */
export interface KeptEvent {
  readonly partitionId: string
  readonly place: Omit<LoggedEvent, 'event'>
  readonly event: Omit<HubEvent, 'body'>
  /** Base64. */
  readonly body: string
}

export function keptEvent(
  partitionId: string,
  { event: { body, ...event }, ...place }: LoggedEvent,
): KeptEvent {
  return { partitionId, place, event, body: Buffer.from(body).toString('base64') }
}

export function loggedOf({ place, event, body }: KeptEvent): LoggedEvent {
  return { ...place, event: { ...event, body: Buffer.from(body, 'base64') } }
}
