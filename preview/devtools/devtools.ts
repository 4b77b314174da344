import type { Readable, Writable } from 'node:stream'
import type { CDPSession } from 'playwright-core'

/** Commands and events of one target, typed by the DevTools protocol. */
export type DevToolsSession = Pick<CDPSession, 'send' | 'on'>

interface Answer {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

interface Pending {
  readonly method: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

type Handler = (params: unknown) => void

/** Speaks the DevTools protocol over Chromium's pipe: JSON texts, each ended by a NUL. */
export class DevTools {
  readonly browser: DevToolsSession
  /** Resolves when the pipe is closed: Chromium has ended, or is about to. */
  readonly closed: Promise<void>
  readonly #output: Writable
  readonly #pending = new Map<number, Pending>()
  readonly #handlers = new Map<string, Handler[]>()
  #lastId = 0
  #isClosed = false

  constructor(input: Readable, output: Writable) {
    this.#output = output
    this.browser = this.session()
    this.closed = new Promise((resolve) => {
      input.once('close', () => {
        this.#isClosed = true
        for (const { method, reject } of this.#pending.values()) reject(closedError(method))
        this.#pending.clear()
        resolve()
      })
    })
    // A broken pipe is told by the end of the input.
    output.on('error', () => undefined)
    input.on('error', () => undefined)
    splitAtNul(input, (text) => this.#receive(JSON.parse(text) as Answer))
  }

  /** The target with this session id; the browser itself without one. */
  session(sessionId = ''): DevToolsSession {
    return {
      send: (method: string, params: unknown = {}) => this.#send(sessionId, method, params),
      on: (event: string, handler: Handler) => {
        const key = `${sessionId} ${event}`
        this.#handlers.set(key, [...(this.#handlers.get(key) ?? []), handler])
      },
    } as unknown as DevToolsSession
  }

  #send(sessionId: string, method: string, params: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closedError(method))
    const id = ++this.#lastId
    const message = { id, method, params, ...(sessionId === '' ? {} : { sessionId }) }
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { method, resolve, reject })
      this.#output.write(`${JSON.stringify(message)}\0`)
    })
  }

  #receive({ id, sessionId = '', method, params, result, error }: Answer): void {
    if (id === undefined) {
      for (const handler of this.#handlers.get(`${sessionId} ${method ?? ''}`) ?? []) handler(params)
      return
    }
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error) pending?.reject(new Error(`${pending.method}: ${error.message}`))
    else pending?.resolve(result)
  }
}

function closedError(method: string): Error {
  return new Error(`${method}: Chromium has ended.`)
}

/** Chunks are kept apart until the text is whole: joining them each time would cost the square of a long text. */
function splitAtNul(input: Readable, onText: (text: string) => void): void {
  let chunks: Buffer[] = []
  input.on('data', (chunk: Buffer) => {
    let rest = chunk
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      onText(Buffer.concat([...chunks, rest.subarray(0, end)]).toString('utf8'))
      chunks = []
      rest = rest.subarray(end + 1)
    }
    if (rest.length > 0) chunks.push(rest)
  })
}
