import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A network line to a port of this machine that can be cut as networks do it. */
export interface SeverableLine {
  readonly port: number
  /** Resets every connection, and each new one, until it is mended. */
  sever(): void
  mend(): void
  close(): Promise<void>
}

export async function openLine(targetPort: number): Promise<SeverableLine> {
  const sockets = new Set<Socket>()
  let isSevered = false
  const server = createServer((near) => {
    if (isSevered) {
      near.resetAndDestroy()
      return
    }
    const far = connect(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => sockets.delete(from))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function reset(): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    port: (server.address() as AddressInfo).port,
    sever() {
      isSevered = true
      reset()
    },
    mend() {
      isSevered = false
    },
    async close() {
      server.close()
      reset()
      await once(server, 'close')
    },
  }
}
