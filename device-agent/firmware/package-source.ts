import { request as httpsRequest, type Agent, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { PackageAddress } from '../../contract/device/firmware.ts'
import { batchesOf, type Batches } from './body-batches.ts'
import { FirmwareError } from './problem.ts'

/** How this device reaches the servers of packages: through a proxy, with an authority of one's own. */
export interface PackageConnection {
  requestOptions(host: string): { readonly agent?: Agent; readonly ca?: string }
}

export interface PackageRequest {
  readonly address: string
  /** Asks for the bytes from here on, if the file still has this ETag. */
  readonly resume: { readonly offset: number; readonly etag: string } | undefined
  readonly connection: PackageConnection
  /** How long the server may be silent before its first byte. */
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
}

export interface PackageResponse {
  /** Where the bytes of the body belong. */
  readonly offset: number
  /** Of the whole file, in bytes; undefined when the server does not say. */
  readonly total: number | undefined
  /** Undefined when there is none, or a weak one, which does not promise the same bytes. */
  readonly etag: string | undefined
  readonly body: Batches
  /** Drops the connection; the body ends with `cause`, if it has not ended yet. */
  readonly drop: (cause?: Error) => void
}

/** What came back, listened to from its first byte: it may break before anyone looks at it. */
interface Reply {
  readonly message: IncomingMessage
  readonly body: Batches
}

const mostRedirects = 5

/** Rejects with a `FirmwareError` when asking again would not help, and with anything else when it may. */
export async function requestPackage(request: PackageRequest): Promise<PackageResponse> {
  let address = request.address
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    if (!PackageAddress.safeParse(address).success)
      throw new FirmwareError('insecure-address', `${withoutQuery(address)} is no https address`)
    const reply = await send(address, request)
    const next = redirectOf(reply.message, address)
    if (next === undefined) return read(reply, request)
    reply.message.destroy()
    address = next
  }
  throw new FirmwareError('refused-download', `more than ${mostRedirects} redirects`)
}

/** An address that may be shown: a token is in its query, if it has one. */
export function withoutQuery(address: string): string {
  return address.split(/[?#]/, 1)[0] ?? ''
}

function send(
  address: string,
  { resume, connection, answerTimeoutMs, signal }: PackageRequest,
): Promise<Reply> {
  const { hostname } = new URL(address)
  const options: RequestOptions = {
    signal,
    headers: {
      'accept-encoding': 'identity',
      ...(resume && { range: `bytes=${resume.offset}-`, 'if-range': resume.etag }),
    },
    ...connection.requestOptions(hostname),
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(address, options)
    const timer = setTimeout(() => outgoing.destroy(new Error('the server does not answer')), answerTimeoutMs)
    outgoing.once('close', () => {
      clearTimeout(timer)
    })
    outgoing.once('error', reject)
    outgoing.once('response', (message) => {
      clearTimeout(timer)
      resolve({ message, body: batchesOf(message) })
    })
    outgoing.end()
  })
}

function redirectOf(
  { statusCode = 0, headers: { location } }: IncomingMessage,
  address: string,
): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  if (location === undefined || !URL.canParse(location, address))
    throw new FirmwareError('refused-download', 'the server redirects to nowhere')
  return new URL(location, address).href
}

function read({ message, body }: Reply, { resume }: PackageRequest): PackageResponse {
  const drop = (cause?: Error) => void message.destroy(cause)
  try {
    checkEncoding(message)
    const etag = strongEtagOf(message.headers.etag)
    return { ...extentOf(message, etag, resume), etag, body, drop }
  } catch (error) {
    drop()
    throw error
  }
}

function checkEncoding({ headers }: IncomingMessage): void {
  if ((headers['content-encoding'] ?? 'identity') === 'identity') return
  throw new FirmwareError('refused-download', 'the server changes the bytes: it sends a content encoding')
}

type Extent = Pick<PackageResponse, 'offset' | 'total'>

function extentOf(
  { statusCode = 0, headers }: IncomingMessage,
  etag: string | undefined,
  resume: PackageRequest['resume'],
): Extent {
  if (statusCode === 200) return { offset: 0, total: lengthOf(headers['content-length']) }
  if (statusCode === 206) return restOf(headers['content-range'], etag, resume)
  if (statusCode === 416) throw new UnusablePartError()
  // 408 and 429 ask for patience, and a server that fails may recover.
  if (statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429)
    throw new FirmwareError('refused-download', `the server answers with the status ${statusCode}`)
  throw new Error(`the server answers with the status ${statusCode}`)
}

/** A part that was not asked for, or is of another file, is no use. */
function restOf(
  range: string | undefined,
  etag: string | undefined,
  resume: PackageRequest['resume'],
): Extent {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? []
  if (resume === undefined || Number(start) !== resume.offset || etag !== resume.etag)
    throw new UnusablePartError()
  return { offset: resume.offset, total: lengthOf(total) }
}

function strongEtagOf(text: string | undefined): string | undefined {
  return text !== undefined && /^"[^"]*"$/.test(text) ? text : undefined
}

/** The server has other bytes now than those that the device has a part of. */
export class UnusablePartError extends Error {
  constructor() {
    super('the server does not have the rest of what was begun')
    this.name = 'UnusablePartError'
  }
}

function lengthOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
