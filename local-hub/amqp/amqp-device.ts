import { randomUUID } from 'node:crypto'
import type { Message, Sender } from 'rhea'
import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import type { DeviceIdentity, Identities } from '../hub/device-identity.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import { deviceNotFound } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import type { JsonObject } from '../hub/json.ts'
import type { DeviceLink, MethodCall } from '../hub/presence.ts'
import { withVersion } from '../hub/twin-view.ts'
import type { Limits } from '../limits/limits.ts'
import { jsonBody } from './message-parts.ts'
import { QueuedLink } from './queued-link.ts'

export interface AmqpDeviceOptions {
  readonly hub: Hub
  readonly identity: DeviceIdentity
  readonly limits: Limits
  readonly guard: (work: () => void) => void
  /** Hears that the hub wants the device gone: disabled, deleted, or connected elsewhere. */
  readonly onDisconnect: () => void
}

/** Calls whose answers are still accepted; a device that answers none of them loses the oldest. */
const mostCalls = 1000

/** A device with its links on one connection; connected from its first link to its last. */
export class AmqpDevice implements DeviceLink {
  readonly identity: DeviceIdentity
  readonly key: string
  readonly #options: AmqpDeviceOptions
  /** The hub's name of a call, by the correlation id on the wire. */
  readonly #calls = new Map<string, string>()
  #methods: QueuedLink | undefined
  #twin: QueuedLink | undefined
  #wantsDesired = false
  #linkCount = 0

  constructor(options: AmqpDeviceOptions) {
    this.#options = options
    this.identity = options.identity
    this.key = identityKey(options.identity)
  }

  get acceptsMethods(): boolean {
    return this.#methods !== undefined
  }

  get hasLinks(): boolean {
    return this.#linkCount > 0
  }

  /** Throws DeviceNotFound. */
  get record(): DeviceRecord {
    const record = this.identities.store.get(this.key)
    if (!record) throw deviceNotFound(this.key)
    return record
  }

  get identities(): Identities {
    return identitiesOf(this.#options.hub, this.identity)
  }

  /** The device is connected with its first link. */
  addLink(): void {
    this.#linkCount += 1
    if (this.#linkCount === 1) this.identities.presence.attach(this.key, this)
  }

  removeLink(): void {
    this.#linkCount -= 1
    if (this.#linkCount === 0) this.identities.presence.detach(this.key, this)
  }

  /** The link for calls; `undefined` when it is gone. */
  openMethods(sender: Sender | undefined): void {
    this.#methods = sender && new QueuedLink(sender, this.#options.guard)
    if (sender) this.identities.presence.methodsAccepted(this.key)
  }

  /** The link for answers to twin requests, and for desired properties. */
  openTwin(sender: Sender | undefined): void {
    this.#twin = sender && new QueuedLink(sender, this.#options.guard)
    if (!sender) this.#wantsDesired = false
  }

  /** Whether the device hears of its desired properties. */
  subscribeDesired(isWanted: boolean): void {
    this.#wantsDesired = isWanted
  }

  sendTwin(message: Message): void {
    this.#twin?.send(message)
  }

  deliverMethod({ requestId, methodName, payload }: MethodCall): void {
    const correlationId = randomUUID()
    this.#calls.set(correlationId, requestId)
    const [oldest] = this.#calls.keys()
    if (this.#calls.size > mostCalls && oldest !== undefined) this.#calls.delete(oldest)
    this.#methods?.send({
      correlation_id: correlationId,
      application_properties: { 'IoThub-methodname': methodName },
      body: jsonBody(payload),
    })
  }

  /** An answer to a call that is over, or was never made, is dropped. */
  answerMethod(correlationId: string, answer: { status: number; body: Uint8Array }): void {
    const requestId = this.#calls.get(correlationId)
    this.#calls.delete(correlationId)
    if (requestId !== undefined) this.identities.methods.answer(this.key, requestId, answer)
  }

  deliverDesired(patch: JsonObject, version: number): void {
    if (!this.#wantsDesired) return
    const json = JSON.stringify(withVersion(patch, version))
    this.#options.limits.meter.charge('desiredNotification', Buffer.byteLength(json))
    this.sendTwin({ body: jsonBody(json) })
  }

  disconnect(): void {
    this.identities.presence.detach(this.key, this)
    this.#options.onDisconnect()
  }
}
