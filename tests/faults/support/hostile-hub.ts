import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createHubCertificate } from '../../../local-hub/security/certificates.ts'

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

/** A TLS server in the hub's place that does whatever a test tells it to. */
export class HostileHub {
  readonly hostName = 'hostile.azure-devices.local'
  readonly ca: string
  readonly requests: string[] = []
  connections = 0
  mostConnections = 0
  behave: Behaviour = (_, response) => json(response, [])
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, ca: string) {
    this.#server = server
    this.ca = ca
  }

  static async start(certificateName?: string): Promise<HostileHub> {
    const { authority, certificate, privateKey } = await createHubCertificate(
      certificateName ?? 'hostile.azure-devices.local',
    )
    const server = createServer({ cert: certificate, key: privateKey })
    const hub = new HostileHub(server, authority)
    server.on('connection', (socket: Socket) => hub.#count(socket))
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      hub.requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
      request.resume()
      request.on('end', () => hub.behave(request, response))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return hub
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #count(socket: Socket): void {
    this.connections += 1
    this.#sockets.add(socket)
    this.mostConnections = Math.max(this.mostConnections, this.#sockets.size)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export function json(
  response: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: Answer = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body))
}

export function html(response: ServerResponse, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'text/html' })
    .end('<html><body>Welcome to the hotel. Please sign in.</body></html>')
}
