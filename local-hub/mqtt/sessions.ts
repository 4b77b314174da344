import type { Subscription } from './topics.ts'

/** What devices that connect with clean session 0 find again: their subscriptions. */
export class Sessions {
  readonly #subscriptions = new Map<string, Set<Subscription>>()

  /** The set that belongs to the session, and whether it was there before. */
  open(deviceId: string, isClean: boolean): { subscriptions: Set<Subscription>; isPresent: boolean } {
    const kept = isClean ? undefined : this.#subscriptions.get(deviceId)
    const subscriptions = kept ?? new Set<Subscription>()
    if (isClean) this.#subscriptions.delete(deviceId)
    else this.#subscriptions.set(deviceId, subscriptions)
    return { subscriptions, isPresent: kept !== undefined }
  }

  delete(deviceId: string): void {
    this.#subscriptions.delete(deviceId)
  }
}
