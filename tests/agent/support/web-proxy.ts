import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** A proxy of a company's network: only CONNECT leads out of it, to wherever the test says. */
export interface WebProxy {
  readonly port: number
  /** `host:port`, as asked for, in order. */
  readonly tunnels: readonly string[]
  close(): Promise<void>
}

export interface ProxyOptions {
  /** The port of this machine to which all tunnels lead, or that of each `host:port`. */
  readonly targetPort: number | ((host: string) => number)
  /** `user:password` that everyone has to give. */
  readonly password?: string
}

export async function startWebProxy({ targetPort, password }: ProxyOptions): Promise<WebProxy> {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const wanted = password === undefined ? undefined : `Basic ${Buffer.from(password).toString('base64')}`
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, near: Socket) => {
    near.on('error', () => near.destroy())
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const host = request.url ?? ''
    tunnels.push(host)
    const port = typeof targetPort === 'number' ? targetPort : targetPort(host)
    const far = connect(port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      near.pipe(far).pipe(near)
    })
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
