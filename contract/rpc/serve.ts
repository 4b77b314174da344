import { AppError } from '../errors.ts'
import { fault } from '../faults.ts'
import type { Contract, Endpoint, Handlers } from './contract.ts'
import type { Port } from './port.ts'
import { Request, toWire, type Opening, type Response } from './wire.ts'

export interface ServeOptions {
  /** Receives everything that is not an AppError: its text stays on the host. */
  readonly onBug: (error: unknown) => void
  /** The shortest time between two values of one watch; later values replace earlier ones at their source. */
  readonly watchIntervalMs?: number
}

/** Ten updates a second are as many as a person can see. */
const defaultWatchIntervalMs = 100

/** Answers every request arriving on the port, and abandons unfinished ones when the port closes. */
export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  options: ServeOptions,
): (port: Port) => void {
  return (port) => servePort(new Host(contract, handlers, options), port, options.onBug)
}

function servePort(host: Host, port: Port, onBug: (error: unknown) => void): void {
  const running = new Map<number, AbortController>()
  let isOpen = true

  port.onMessage((message) => {
    const request = Request.safeParse(message)
    if (!request.success) return onBug(request.error)
    if (request.data.kind === 'cancel') return running.get(request.data.id)?.abort()
    if (running.has(request.data.id)) return onBug(new Error(`Request ${request.data.id} is already open.`))
    void run(request.data)
  })

  port.onClose(() => {
    isOpen = false
    for (const controller of running.values()) controller.abort()
  })

  async function run(request: Opening): Promise<void> {
    const { id } = request
    const controller = new AbortController()
    running.set(id, controller)
    try {
      for await (const value of host.results(request, controller.signal)) reply({ kind: 'value', id, value })
      reply({ kind: 'end', id })
    } catch (error) {
      if (!(error instanceof AppError)) onBug(error)
      reply({ kind: 'error', id, error: toWire(error) })
    } finally {
      running.delete(id)
    }
  }

  function reply(response: Response): void {
    if (isOpen) port.send(response)
  }
}

type AnyHandler = (input: unknown, signal: AbortSignal) => unknown
type AnyHandlers = Record<string, Record<string, AnyHandler>>

/** Looks requests up in a contract, and validates what goes in and what comes out. */
class Host {
  readonly #contract: Contract
  readonly #handlers: AnyHandlers
  readonly #watchIntervalMs: number

  constructor(contract: Contract, handlers: AnyHandlers, options: ServeOptions) {
    this.#contract = contract
    this.#handlers = handlers
    this.#watchIntervalMs = options.watchIntervalMs ?? defaultWatchIntervalMs
  }

  async *results({ group, name, input }: Opening, signal: AbortSignal): AsyncGenerator {
    const endpoint = own(own(this.#contract, group) ?? {}, name)
    const handler = own(own(this.#handlers, group) ?? {}, name)
    if (!endpoint || !handler) throw fault('no-endpoint', { name: `${group}.${name}` })

    const parsed = endpoint.input.safeParse(input)
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.')
      throw fault('bad-request', { name: `${group}.${name}` }, { cause: parsed.error, field })
    }
    yield* this.#answers(endpoint, handler(parsed.data, signal), signal)
  }

  async *#answers(endpoint: Endpoint, answer: unknown, signal: AbortSignal): AsyncGenerator {
    if (endpoint.kind === 'call') {
      yield endpoint.output.parse(await answer)
      return
    }
    for await (const value of answer as AsyncIterable<unknown>) {
      if (signal.aborted) return
      yield endpoint.value.parse(value)
      await pause(this.#watchIntervalMs, signal)
    }
  }
}

/** Names come from outside, so only what we wrote ourselves may be looked up by them. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, durationMs)
    signal.addEventListener('abort', finish)
  })
}
