import type { Clock } from './clock.ts'
import type { DeviceStore } from './device-store.ts'
import { HubError, invalid } from './hub-error.ts'
import { parsePassingJson } from './json.ts'
import type { DeviceLink, Presence } from './presence.ts'

export interface MethodInvocation {
  readonly methodName: string
  /** JSON text. */
  readonly payload: string
  readonly connectTimeoutMs: number
  readonly responseTimeoutMs: number
}

export interface MethodAnswer {
  readonly status: number
  /** JSON text, as the device sent it. */
  readonly payload: string
}

interface PendingCall {
  readonly deviceId: string
  settle(answer: MethodAnswer | HubError): void
}

export interface DirectMethodsOptions {
  readonly store: DeviceStore
  readonly presence: Presence
  readonly clock: Clock
  /** The error for an id that is unknown, or disabled. */
  readonly notFound: (id: string) => HubError
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods: 128 KB each way. */
const longestPayload = 128 * 1024

/** Carries direct methods from the back end to a device, or to a module, and the answers back. */
export class DirectMethods {
  readonly #pending = new Map<string, PendingCall>()
  readonly #store: DeviceStore
  readonly #presence: Presence
  readonly #clock: Clock
  readonly #notFound: DirectMethodsOptions['notFound']
  #lastRequest = 0

  constructor({ store, presence, clock, notFound }: DirectMethodsOptions) {
    this.#store = store
    this.#presence = presence
    this.#clock = clock
    this.#notFound = notFound
  }

  /** Throws DeviceNotFound or ModuleNotFound (unknown or disabled), DeviceNotOnline, DeviceTimeout, BadDeviceResponse, MessageTooLarge. */
  async invoke(deviceId: string, invocation: MethodInvocation): Promise<MethodAnswer> {
    if (Buffer.byteLength(invocation.payload) > longestPayload) {
      throw new HubError('MessageTooLarge', 'The payload of a direct method should be at most 128 KB')
    }
    this.#assertEnabled(deviceId)
    const link = await this.#presence.whenAcceptsMethods(deviceId, invocation.connectTimeoutMs)
    this.#assertEnabled(deviceId)
    if (!link) throw new HubError('DeviceNotOnline', 'Timed out waiting for device to connect.')
    return this.#call(deviceId, link, invocation)
  }

  /** An answer to a call that is over, or that was not for this device, is dropped. */
  answer(deviceId: string, requestId: string, { status, body }: { status: number; body: Uint8Array }): void {
    const call = this.#pending.get(requestId)
    if (call?.deviceId !== deviceId) return
    call.settle(answerOf(status, body))
  }

  #assertEnabled(deviceId: string): void {
    if (this.#store.get(deviceId)?.status !== 'enabled') throw this.#notFound(deviceId)
  }

  #call(deviceId: string, link: DeviceLink, invocation: MethodInvocation): Promise<MethodAnswer> {
    this.#lastRequest += 1
    const requestId = this.#lastRequest.toString(16)
    return new Promise((resolve, reject) => {
      const settle = (answer: MethodAnswer | HubError) => {
        this.#pending.delete(requestId)
        cancel()
        if (answer instanceof HubError) reject(answer)
        else resolve(answer)
      }
      const cancel = this.#clock.after(invocation.responseTimeoutMs, () => {
        settle(new HubError('DeviceTimeout', 'Timed out waiting for the response from device.'))
      })
      this.#pending.set(requestId, { deviceId, settle })
      link.deliverMethod({ requestId, methodName: invocation.methodName, payload: invocation.payload })
    })
  }
}

/** Throws ArgumentInvalid for a name that cannot be one level of an MQTT topic. */
export function assertMethodName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !/^[!-"%-*,-.0->@-~]{1,100}$/.test(name)) {
    throw invalid('methodName should be 1 to 100 visible ASCII characters without # $ + / ?')
  }
}

function answerOf(status: number, body: Uint8Array): MethodAnswer | HubError {
  if (body.byteLength > longestPayload) return badAnswer('is larger than 128 KB')
  const payload = Buffer.from(body).toString()
  if (payload === '') return { status, payload: 'null' }
  try {
    parsePassingJson(body)
  } catch {
    // Not ours to report: the device is at fault, and the back end is told so.
    return badAnswer('is not valid JSON')
  }
  return { status, payload }
}

function badAnswer(why: string): HubError {
  return new HubError('BadDeviceResponse', `The answer of the device ${why}.`)
}
