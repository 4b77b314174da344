import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createHubCertificate } from '../../../local-hub/security/certificates.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface FirmwareServer {
  readonly address: string
  /** The authority in PEM that the server's certificate is from. */
  readonly ca: string
  /** Bytes of bodies that were handed to the network. */
  readonly sent: () => number
  /** The `range` of each request, in order. */
  readonly ranges: readonly (string | undefined)[]
  /** From now on this answers. */
  answerWith(answer: Answer): void
  close(): Promise<void>
}

/** An HTTPS server on the loopback that serves one file, well or badly. */
export async function startFirmwareServer(answer: Answer): Promise<FirmwareServer> {
  const { authority, certificate, privateKey } = await createHubCertificate('firmware.test')
  const ranges: (string | undefined)[] = []
  let current = answer
  let sent = 0
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    ranges.push(request.headers.range)
    count(response, (bytes) => (sent += bytes))
    current(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `https://127.0.0.1:${port}/pump.bin?sig=secret-token`,
    ca: authority,
    sent: () => sent,
    ranges,
    answerWith(next) {
      current = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

export interface ServedFile {
  readonly bytes: Buffer
  readonly etag?: string | undefined
  /** Ends the connection after so many bytes of the file, if it gets there. */
  readonly cutAt?: (start: number) => number | undefined
}

/** A server that keeps to the rules: whole file, or the range that is asked for if the file is still the same. */
export function serve({ bytes, etag = etagOf(bytes), cutAt }: ServedFile): Answer {
  return (request, response) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
    const start = asked !== undefined && request.headers['if-range'] === etag ? Number(asked) : 0
    response.setHeader('etag', etag)
    response.setHeader('content-length', bytes.length - start)
    if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    response.writeHead(start > 0 ? 206 : 200)
    const cut = cutAt?.(start)
    if (cut === undefined || cut >= bytes.length) {
      response.end(bytes.subarray(start))
      return
    }
    // What was written before leaves the machine first: the line breaks after it, not within it.
    response.write(bytes.subarray(start, cut), () => request.socket.end())
  }
}

/** A package, and what lies beside it as its release; undefined: nothing. */
export function serveBeside(bytes: Buffer, release: Buffer | string | undefined): Answer {
  return (request, response) => {
    if (!request.url?.startsWith('/pump.bin.release.json?sig=')) serve({ bytes })(request, response)
    else if (release === undefined) response.writeHead(404).end()
    else serve({ bytes: Buffer.from(release) })(request, response)
  }
}

export function etagOf(bytes: Buffer): string {
  return `"${sha256Of(bytes).slice(0, 16)}"`
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function count(response: ServerResponse, add: (bytes: number) => void): void {
  for (const name of ['write', 'end'] as const) {
    const original = response[name].bind(response) as (...parameters: unknown[]) => unknown
    Reflect.set(response, name, (...parameters: unknown[]) => {
      const [chunk] = parameters
      if (chunk instanceof Uint8Array) add(chunk.length)
      return original(...parameters)
    })
  }
}
