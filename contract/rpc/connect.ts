import { fault } from '../faults.ts'
import type { Client, Contract } from './contract.ts'
import type { Port } from './port.ts'
import { fromWire, Response, toWire } from './wire.ts'

/** A client for the contract whose calls travel over the port. */
export function connect<C extends Contract>(contract: C, port: Port): Client<C> {
  const link = new Link(port)
  const method = (group: string, name: string, kind: 'call' | 'watch'): unknown =>
    kind === 'watch'
      ? (input: unknown, signal?: AbortSignal) => link.open({ group, name, input, signal })
      : (input: unknown, signal?: AbortSignal) => only(link.open({ group, name, input, signal }))

  return mapValues(contract, (endpoints, group) =>
    mapValues(endpoints, ({ kind }, name) => method(group, name, kind)),
  ) as Client<C>
}

interface Ask {
  readonly group: string
  readonly name: string
  readonly input: unknown
  readonly signal: AbortSignal | undefined
}

class Link {
  readonly #port: Port
  readonly #pending = new Map<number, Inbox>()
  #lastId = 0
  #isOpen = true

  constructor(port: Port) {
    this.#port = port
    port.onMessage((message) => {
      const response = Response.parse(message)
      this.#pending.get(response.id)?.put(response)
    })
    port.onClose(() => {
      this.#isOpen = false
      for (const [id, inbox] of this.#pending) inbox.put(lost(id))
    })
  }

  async *open({ group, name, input, signal }: Ask): AsyncGenerator {
    if (signal?.aborted) throw fault('cancelled')
    const id = ++this.#lastId
    const inbox = new Inbox()
    const cancel = (): void => {
      if (this.#isOpen) this.#port.send({ kind: 'cancel', id })
    }
    this.#pending.set(id, inbox)
    signal?.addEventListener('abort', cancel)
    if (this.#isOpen) this.#port.send({ kind: 'open', id, group, name, input })
    else inbox.put(lost(id))

    let hasEnded = false
    try {
      for (;;) {
        const response = await inbox.take()
        hasEnded = response.kind !== 'value'
        if (response.kind === 'end') return
        if (response.kind === 'error') throw fromWire(response.error)
        yield response.value
      }
    } finally {
      this.#pending.delete(id)
      signal?.removeEventListener('abort', cancel)
      if (!hasEnded) cancel()
    }
  }
}

/** Responses in the order in which they came, for one reader. */
class Inbox {
  readonly #responses: Response[] = []
  #wake: (() => void) | undefined

  put(response: Response): void {
    this.#responses.push(response)
    this.#wake?.()
  }

  async take(): Promise<Response> {
    for (;;) {
      const response = this.#responses.shift()
      if (response) return response
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function lost(id: number): Response {
  return { kind: 'error', id, error: toWire(fault('window-lost')) }
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}

async function only(values: AsyncGenerator): Promise<unknown> {
  const result = await values.next()
  await values.next()
  return result.value as unknown
}
