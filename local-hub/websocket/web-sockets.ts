import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { WebSocketServer, createWebSocketStream } from 'ws'
import { parseTarget } from '../http/request-target.ts'

/** What is spoken on a WebSocket. */
export interface WebSocketProtocol {
  /** For example `/$iothub/websocket`. */
  readonly path: string
  /** As the client asks for it in Sec-WebSocket-Protocol, in any case. */
  readonly name: string
  /** Takes the bytes; `socket` is the TLS connection below them. */
  accept(stream: Duplex, socket: TLSSocket): void
}

/** A telemetry message of 256 KB with its envelope fits into one frame. */
const largestFrame = 1024 * 1024

/** Serves WebSockets on the HTTPS port; what is not in the list is refused with a status. */
export function serveWebSockets(server: Server, protocols: readonly WebSocketProtocol[]): void {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: largestFrame,
    handleProtocols: (offered, request) => findOffer(protocols, request, [...offered])?.offer ?? false,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!(socket instanceof TLSSocket)) return socket.destroy()
    socket.on('error', () => socket.destroy())
    const found = findOffer(protocols, request, offersOf(request))
    if (!found) return refuse(socket, isKnownPath(protocols, request) ? '400 Bad Request' : '404 Not Found')
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket, { decodeStrings: true })
      // Whoever takes the stream may be gone when the client breaks the rules of the framing.
      stream.on('error', () => stream.destroy())
      found.protocol.accept(stream, socket)
    })
  })
}

interface FoundProtocol {
  readonly protocol: WebSocketProtocol
  /** Exactly as the client wrote it, for that is what it expects back. */
  readonly offer: string
}

function findOffer(
  protocols: readonly WebSocketProtocol[],
  request: IncomingMessage,
  offers: readonly string[],
): FoundProtocol | undefined {
  const path = pathOf(request)
  for (const offer of offers) {
    const protocol = protocols.find(
      (candidate) => candidate.path === path && candidate.name.toLowerCase() === offer.toLowerCase(),
    )
    if (protocol) return { protocol, offer }
  }
  return undefined
}

function offersOf({ headers }: IncomingMessage): readonly string[] {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').map((name) => name.trim())
}

function isKnownPath(protocols: readonly WebSocketProtocol[], request: IncomingMessage): boolean {
  const path = pathOf(request)
  return protocols.some((protocol) => protocol.path === path)
}

/** Some clients escape the dollar, and some end with a slash. */
function pathOf({ url = '' }: IncomingMessage): string {
  return parseTarget(url).path.replaceAll(/%24/g, '$').replace(/\/$/, '')
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
