import type { CancelTimer, Clock } from './clock.ts'
import type { DeviceStore } from './device-store.ts'
import type { JsonObject } from './json.ts'

/** A connected device, whatever the protocol. */
export interface DeviceLink {
  /** True once the device has subscribed to direct methods. */
  readonly acceptsMethods: boolean
  deliverMethod(call: MethodCall): void
  deliverDesired(patch: JsonObject, version: number): void
  /** Closes the connection; the link then calls `detach`. */
  disconnect(): void
}

export interface MethodCall {
  readonly requestId: string
  readonly methodName: string
  /** JSON text, as the back end sent it. */
  readonly payload: string
}

type Waiter = (link: DeviceLink | undefined) => void

/** Who is connected. One connection per device: a newer one ends the older. */
export class Presence {
  readonly #links = new Map<string, DeviceLink>()
  readonly #waiters = new Map<string, Set<Waiter>>()
  readonly #store: DeviceStore
  readonly #clock: Clock

  constructor(store: DeviceStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    store.onChange((deviceId, record) => {
      if (record?.status !== 'enabled') this.#links.get(deviceId)?.disconnect()
    })
  }

  link(deviceId: string): DeviceLink | undefined {
    return this.#links.get(deviceId)
  }

  attach(deviceId: string, link: DeviceLink): void {
    const previous = this.#links.get(deviceId)
    this.#links.set(deviceId, link)
    previous?.disconnect()
    this.#setConnectionState(deviceId, 'Connected')
    if (link.acceptsMethods) this.methodsAccepted(deviceId)
  }

  /** Ignored when a newer connection has taken over. */
  detach(deviceId: string, link: DeviceLink): void {
    if (this.#links.get(deviceId) !== link) return
    this.#links.delete(deviceId)
    this.#setConnectionState(deviceId, 'Disconnected')
  }

  /** The model that a device says it is of. https://learn.microsoft.com/azure/iot/concepts-developer-guide-device#model-id-announcement */
  announceModel(deviceId: string, modelId: string): void {
    const record = this.#store.get(deviceId)
    if (record && record.modelId !== modelId) this.#store.put({ ...record, modelId })
  }

  /** A device sent a message. */
  noteActivity(deviceId: string): void {
    const record = this.#store.get(deviceId)
    if (record) this.#store.put({ ...record, lastActivityAt: this.#clock.now() })
  }

  methodsAccepted(deviceId: string): void {
    const link = this.#links.get(deviceId)
    for (const wake of this.#waiters.get(deviceId) ?? []) wake(link)
  }

  /** The link of a device that accepts methods, now or within the time; `undefined` when none came. */
  async whenAcceptsMethods(deviceId: string, timeoutMs: number): Promise<DeviceLink | undefined> {
    const link = this.#links.get(deviceId)
    if (link?.acceptsMethods) return link
    return timeoutMs > 0 ? this.#wait(deviceId, timeoutMs) : undefined
  }

  #wait(deviceId: string, timeoutMs: number): Promise<DeviceLink | undefined> {
    const waiters = this.#waiters.get(deviceId) ?? new Set<Waiter>()
    this.#waiters.set(deviceId, waiters)
    return new Promise((resolve) => {
      let cancel: CancelTimer | undefined = undefined
      const wake: Waiter = (link) => {
        cancel?.()
        waiters.delete(wake)
        if (waiters.size === 0) this.#waiters.delete(deviceId)
        resolve(link)
      }
      waiters.add(wake)
      cancel = this.#clock.after(timeoutMs, () => {
        wake(undefined)
      })
    })
  }

  #setConnectionState(deviceId: string, connectionState: 'Connected' | 'Disconnected'): void {
    const record = this.#store.get(deviceId)
    if (!record) return
    const now = this.#clock.now()
    const lastActivityAt = connectionState === 'Connected' ? now : record.lastActivityAt
    this.#store.put({ ...record, connectionState, connectionStateUpdatedAt: now, lastActivityAt })
  }
}
