import type { Sighting } from '../domain/kinds/kind.ts'
import type { HubEvent } from '../ports/hub-events.ts'

/**
 * What has changed in a twin, as a look at it. It is not the whole: a proof that is in it is one, and what is not in
 * it says nothing.
 */
export function sightingOf(event: Extract<HubEvent, { kind: 'reported' }>, readAt: Date): Sighting {
  const { reported, version } = event
  return { isConnected: true, reported, desired: {}, tags: {}, version, readAt: readAt.toISOString() }
}
