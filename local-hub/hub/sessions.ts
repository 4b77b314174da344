/** What a device has subscribed to; messages from the cloud are acknowledged, or with QoS 0 they are not. */
export type Subscription =
  'methods' | 'twinResponses' | 'desired' | 'cloudToDevice' | 'cloudToDeviceQos0' | 'moduleMessages'

/** What a hub with a memory keeps: the subscriptions as they are now, or `undefined` when the session is gone. */
export interface SessionChange {
  readonly key: string
  readonly subscriptions: readonly Subscription[] | undefined
}

/** What devices that connect with clean session 0 find again: their subscriptions. */
export class Sessions {
  readonly #subscriptions = new Map<string, ReadonlySet<Subscription>>()
  readonly #listeners: ((change: SessionChange) => void)[] = []

  /** The subscriptions of the session, and whether it was there before. One that is clean is not remembered. */
  open(
    key: string,
    isClean: boolean,
  ): { readonly subscriptions: ReadonlySet<Subscription>; readonly isPresent: boolean } {
    if (isClean) this.delete(key)
    const kept = this.#subscriptions.get(key)
    if (!kept && !isClean) this.put(key, new Set())
    return { subscriptions: kept ?? new Set(), isPresent: kept !== undefined }
  }

  put(key: string, subscriptions: ReadonlySet<Subscription>): void {
    this.#subscriptions.set(key, subscriptions)
    this.#tell({ key, subscriptions: [...subscriptions] })
  }

  delete(key: string): void {
    if (this.#subscriptions.delete(key)) this.#tell({ key, subscriptions: undefined })
  }

  onChange(listener: (change: SessionChange) => void): void {
    this.#listeners.push(listener)
  }

  #tell(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}
