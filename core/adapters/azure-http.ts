import { AsyncLocalStorage } from 'node:async_hooks'
import { X509Certificate } from 'node:crypto'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Socket } from 'node:net'
import { getCACertificates } from 'node:tls'
import { Http } from 'azure-iothub/dist/common-http/http.js'
import { HubHttpError } from './hub-http-error.ts'

/** Where a hub answers, when that is not its host name on port 443 with a public certificate. */
export interface Endpoint {
  readonly gateway: { readonly host: string; readonly port: number } | undefined
  /** PEM certificates to trust beside the system's. */
  readonly extraCa: string | undefined
  readonly hostName: string
}

/** The SDK's own agent has no limit: 200 calls at once opened 199 TLS connections. */
const mostSockets = 32

/** A page of 1,000 twins of the largest size is about 64 MB; more is not an answer of a hub. */
const mostBytes = 64 * 1024 * 1024

type Done = (error: Error | null, body?: string, response?: IncomingMessage) => void

/** What one call of the SDK is to end with. */
interface Call {
  readonly signal: AbortSignal
  readonly fail: (error: HubHttpError) => void
}

/**
 * The SDK's transport with what the SDK lacks: a limit of sockets, an end to every call, and a guard against answers
 * that are not a hub's. The SDK never handles its own request timeout, and a 200 of a captive portal ends its process.
 */
export class HubHttp extends Http {
  readonly #agent: Agent
  readonly #calls = new AsyncLocalStorage<Call>()
  /** Sockets past their handshake; what fails on another one was never sent. */
  readonly #connected = new WeakSet<Socket>()

  constructor(endpoint: Endpoint) {
    super()
    this.#agent = hubAgent(endpoint)
  }

  /** Runs a call of the SDK whose request ends with the signal, even where the SDK throws away its own callback. */
  within<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#calls.run({ signal, fail: reject }, () => void call().then(resolve, reject))
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Registry and Client push an unlimited agent of their own; it is not taken. */
  override setOptions(): void {}

  // eslint-disable-next-line max-params -- the SDK's signature
  override buildRequest(
    method: string,
    path: string,
    headers: object,
    host: unknown,
    ...rest: unknown[]
  ): ClientRequest {
    const done = rest.at(-1) as Done
    const exchange = request({
      method,
      path,
      host: host as string,
      headers: { ...headers },
      agent: this.#agent,
    })
    settleOnce({ exchange, done, call: this.#calls.getStore(), connected: this.#connected })
    return exchange
  }
}

/** An agent that leads to the hub, whatever name the request has. */
export function hubAgent({ gateway, extraCa, hostName }: Endpoint): Agent {
  return new Agent({
    keepAlive: true,
    maxSockets: mostSockets,
    // An agent's options win over the request's, so the SDK may go on naming the hub.
    ...(gateway ? { host: gateway.host, port: gateway.port, servername: hostName } : {}),
    ...(extraCa === undefined ? {} : { ca: trusted(extraCa) }),
  })
}

/** Giving `ca` replaces the system's certificates, so they are given again beside the extra ones. */
function trusted(extraCa: string): string[] {
  return [...getCACertificates('default'), ...certificatesIn(extraCa)]
}

/** TLS skips what it cannot read, and then trusts too little without a word; so each certificate is read here first. */
function certificatesIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new TypeError('There is no PEM certificate in the text.')
  return blocks.map((block) => new X509Certificate(block).toString())
}

interface Exchange {
  readonly exchange: ClientRequest
  readonly done: Done
  readonly call: Call | undefined
  readonly connected: WeakSet<Socket>
}

/** Calls `done` exactly once, whatever the network, the hub or a proxy does. */
function settleOnce({ exchange, done, call, connected }: Exchange): void {
  let isSettled = false
  const settle: Done = (error, body, response) => {
    if (isSettled) return
    isSettled = true
    call?.signal.removeEventListener('abort', abort)
    try {
      done(error, body, response)
    } catch (cause) {
      // The SDK throws here on JSON that it did not expect, with nobody above to catch it.
      call?.fail(new HubHttpError('strange', { cause, status: response?.statusCode }))
    }
  }
  const failed = (cause: unknown): HubHttpError => {
    const wasSent = exchange.socket !== null && connected.has(exchange.socket)
    return new HubHttpError(wasSent ? 'lost' : 'unreached', { cause })
  }
  const abort = (): void => void exchange.destroy(failed(call?.signal.reason))

  exchange.on('socket', (socket) => {
    if (!connected.has(socket)) socket.once('secureConnect', () => connected.add(socket))
  })
  exchange.on('error', (error) => settle(error instanceof HubHttpError ? error : failed(error)))
  exchange.on('response', (response) => collect(response, exchange, settle))
  if (call?.signal.aborted) abort()
  else call?.signal.addEventListener('abort', abort)
}

function collect(response: IncomingMessage, exchange: ClientRequest, settle: Done): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) exchange.destroy(new HubHttpError('strange', { status: response.statusCode }))
    else chunks.push(chunk)
  })
  response.on('error', (cause) => settle(new HubHttpError('lost', { cause })))
  response.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    const status = response.statusCode ?? 0
    if (isStrange(response, body)) settle(new HubHttpError('strange', { status }))
    else settle(status >= 300 ? new Error(`HTTP ${status}`) : null, body, response)
  })
}

/** A hub answers in JSON or with nothing; HTML, a redirect or plain text comes from something in between. */
function isStrange({ headers, statusCode = 0 }: IncomingMessage, body: string): boolean {
  if (statusCode >= 300 && statusCode < 400) return true
  if (body === '') return statusCode === 200
  const isJson = headers['content-type']?.includes('application/json') ?? false
  return !isJson || !/^\s*[[{]/.test(body)
}
