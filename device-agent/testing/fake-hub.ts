import type { MethodAnswer } from '../domain/method-decision.ts'
import {
  HubRefusal,
  type ConnectToHub,
  type HubConnection,
  type MethodHandler,
} from '../ports/hub-connection.ts'

type Json = Record<string, unknown>

interface Current {
  readonly handlers: ReadonlyMap<string, MethodHandler>
  readonly drop: () => void
  onDesired: (desired: unknown) => void
}

/** A hub in memory that knows one device. */
export class FakeHub {
  /** The reported properties of the device. */
  reported: Json = {}
  /** The desired properties of the device; `desire` also tells the device. */
  desired: Json = {}
  /** Every patch that arrived, acknowledged or not. */
  readonly patches: object[] = []
  /** How the connections ended, in order. */
  readonly ends: ('closed' | 'cut' | 'dropped')[] = []
  attempts = 0
  twinReads = 0
  isRefusing = false
  /** Connecting neither works nor fails. */
  isSilent = false
  /** A connection that is closed stays half open. */
  ignoresGoodbyes = false
  /** Reading the twin takes until `answerTwin`. */
  isTwinSlow = false
  /** Patches arrive, their acknowledgements do not. */
  losesAcknowledgements = false
  /** So many patches are refused, as by a hub that is at its limit. */
  refusesPatches = 0
  /** The connection breaks with the answer that accepts a call, which nobody hears. */
  losesAcceptances = false
  /** Patches neither arrive nor are acknowledged. */
  losesPatches = false
  readonly #onReport: (() => void)[] = []
  #slowTwin: () => void = () => undefined
  #current: Current | undefined

  readonly connect: ConnectToHub = (handlers) => {
    this.attempts += 1
    if (this.isSilent) return new Promise(() => undefined)
    if (this.isRefusing) return Promise.reject(new Error('not authorized'))
    return Promise.resolve(this.#accept(handlers))
  }

  get isConnected(): boolean {
    return this.#current !== undefined
  }

  /** Calls a direct method as a back end does; rejects when the device is not there. */
  async call(method: string, payload: unknown): Promise<MethodAnswer> {
    const handler = this.#current?.handlers.get(method)
    if (handler === undefined) throw new Error('404103')
    const answer = await handler(payload)
    if (!this.losesAcceptances || answer.status !== 202) return answer
    this.drop()
    throw new Error('504101')
  }

  /** Changes the desired properties as a back end does. */
  desire(patch: Json): void {
    this.desired = merged(this.desired, patch)
    this.#current?.onDesired(structuredClone(this.desired))
  }

  answerTwin(): void {
    this.#slowTwin()
  }

  drop(): void {
    this.#current?.drop()
  }

  /** Runs once, when the next patch arrives and before it is acknowledged. */
  onNextReport(listener: () => void): void {
    this.#onReport.push(listener)
  }

  #accept(handlers: ReadonlyMap<string, MethodHandler>): HubConnection {
    const { promise: lost, resolve } = Promise.withResolvers<string>()
    const end = (how: 'closed' | 'cut' | 'dropped') => {
      if (this.#current !== current) return
      this.#current = undefined
      this.ends.push(how)
      resolve('the connection is gone')
    }
    const current: Current = {
      handlers,
      onDesired: () => undefined,
      drop: () => {
        end('dropped')
      },
    }
    this.#current = current
    return {
      lost,
      watchDesired: (listener) => {
        current.onDesired = listener
      },
      readTwin: () => {
        this.twinReads += 1
        const answer = structuredClone({ reported: this.reported, desired: this.desired })
        return this.isTwinSlow
          ? new Promise((resolve) => (this.#slowTwin = () => resolve(answer)))
          : Promise.resolve(answer)
      },
      report: (patch) => this.#report(patch),
      close: () => {
        if (this.ignoresGoodbyes) return new Promise(() => undefined)
        end('closed')
        return Promise.resolve()
      },
      cut: () => {
        end('cut')
      },
    }
  }

  async #report(patch: object): Promise<void> {
    if (this.losesPatches) await new Promise(() => undefined)
    if (this.refusesPatches > 0) {
      this.refusesPatches -= 1
      throw new HubRefusal('ThrottlingException')
    }
    this.patches.push(patch)
    this.reported = merged(this.reported, patch as Json)
    this.#onReport.shift()?.()
    if (this.losesAcknowledgements) await new Promise(() => undefined)
  }
}

/** As a hub merges: objects into objects, null removes. */
function merged(target: Json, patch: Json): Json {
  const result = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else if (isObject(value)) result[key] = merged(isObject(result[key]) ? result[key] : {}, value)
    else result[key] = value
  }
  return result
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
