import type { AddressInfo, Server, Socket } from 'node:net'

/** Loopback only: the hub is nobody's business but this computer's. */
const loopback = '127.0.0.1'

/** What the codes of the operating system mean to whoever asked for a port. */
const reasons = new Map([
  ['EADDRINUSE', 'already in use'],
  ['EACCES', 'for administrators only'],
])

/** A port that was asked for by number cannot be had. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable'
  readonly port: number

  constructor(port: number, cause: unknown) {
    const { code = '' } = cause as NodeJS.ErrnoException
    super(`Port ${port} on ${loopback} is ${reasons.get(code) ?? 'not available'}.`, { cause })
    this.port = port
  }
}

/** Answers the port; 0 asks for a free one. Throws PortUnavailable. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      reject(new PortUnavailable(port, error))
    }
    server.once('error', refuse)
    server.listen({ host: loopback, port }, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
  })
}

/** Answers a function that destroys every open connection, half-made TLS ones included, which Node forgets. */
export function trackSockets(server: Server): () => void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
