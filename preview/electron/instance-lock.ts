import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

type SecondInstance = (argv: string[], folder: string) => void

export interface InstanceLock {
  /** Whether this instance is the first; if not, the first is told. */
  request(): boolean
  onSecondInstance(listener: SecondInstance): void
  release(): void
}

/** The longest path that a socket may have on macOS, less its ending. */
const longestSocketPath = 100

/**
 * One instance for each folder of user data. A local socket is the lock, as it ends with its process, however that ends.
 * Electron answers at once whether it has the lock, so it is taken before the app asks.
 */
export async function takeInstanceLock(userData: string): Promise<InstanceLock> {
  mkdirSync(userData, { recursive: true })
  const address = socketPath(userData)
  const listeners: SecondInstance[] = []
  const server = net.createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => undefined)
    socket.on('end', () => {
      const { argv, folder } = JSON.parse(text) as { argv: string[]; folder: string }
      for (const listener of listeners) listener(argv, folder)
    })
  })
  const first = await connect(address)
  if (!first) await listen(server, address)

  return {
    request() {
      first?.end(JSON.stringify({ argv: process.argv, folder: process.cwd() }))
      return first === undefined
    },
    onSecondInstance: (listener) => void listeners.push(listener),
    release() {
      server.close()
      first?.end()
    },
  }
}

/** A connection to the first instance, or undefined when there is none. */
function connect(address: string): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(address, () => resolve(socket))
    socket.on('error', () => resolve(undefined))
  })
}

async function listen(server: net.Server, address: string): Promise<void> {
  // What a killed instance left behind; nobody answered there.
  if (process.platform !== 'win32') rmSync(address, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  server.unref()
}

function socketPath(userData: string): string {
  const key = createHash('sha256').update(userData).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\drover-${key}`
  const beside = path.join(userData, 'instance.sock')
  return beside.length <= longestSocketPath ? beside : path.join(os.tmpdir(), `drover-${key}.sock`)
}
