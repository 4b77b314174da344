import type { Json } from '../domain/json.ts'

/** What the hub tells by itself, as it happens. */
export type HubEvent =
  /** Reported properties have changed; `reported` is only what has changed, and several changes may come as one. */
  | {
      readonly kind: 'reported'
      readonly deviceId: string
      readonly reported: Json
      readonly version: number
    }
  | { readonly kind: 'connection'; readonly deviceId: string; readonly isConnected: boolean }

/**
 * The events of one hub, where its routes send twin changes and connection states to the built-in endpoint, and the
 * credential may read there (Service connect).
 */
export interface HubEvents {
  /**
   * Tells what happens from now on, until the signal is aborted; resolves once it listens. Errors: `forbidden`,
   * `unreachable`. What goes wrong afterwards is mended by itself; nobody may depend on an event to come.
   */
  listen(onEvent: (event: HubEvent) => void, signal: AbortSignal): Promise<void>
}
