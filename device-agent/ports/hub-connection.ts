import type { MethodAnswer } from '../domain/method-decision.ts'

export type MethodHandler = (payload: unknown) => Promise<MethodAnswer>

/** The hub has answered, and does not take it now; the connection is as good as before. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal'
}

export interface TwinProperties {
  readonly reported: unknown
  readonly desired: unknown
}

/** One connection to the hub, from its success to its loss. It never comes back: a new one is made. */
export interface HubConnection {
  /** Calls back with all the desired properties each time they change, from the first `readTwin` on. */
  watchDesired(listener: (desired: unknown) => void): void
  /** The twin as the hub has it now. May never settle: give it a deadline. */
  readTwin(): Promise<TwinProperties>
  /** Resolves when the hub acknowledged the patch. May never settle: give it a deadline. Errors: `HubRefusal`. */
  report(patch: object): Promise<void>
  /** Resolves with the cause when the connection is gone. */
  readonly lost: Promise<string>
  close(): Promise<void>
  /** Drops the socket at once, as a power cut does. */
  cut(): void
}

/** Rejects when the hub cannot be reached or refuses the device. */
export type ConnectToHub = (handlers: ReadonlyMap<string, MethodHandler>) => Promise<HubConnection>
