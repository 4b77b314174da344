import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Network } from './network.ts'

/** A hub that is slow tells no good time. */
const deadlineMs = 10_000

/**
 * The time of a hub, from the `Date` of its answer, in milliseconds since 1970 and right to a few seconds. Nobody has to
 * be known there to be told. Rejects when the hub does not answer, or cannot prove that it is the hub.
 */
export async function hubTime(host: string, network: Network): Promise<number> {
  const options = { host, method: 'HEAD', path: '/', signal: AbortSignal.timeout(deadlineMs) }
  const asking = request({ ...options, ...network.hubRequestOptions(host) })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  answer.resume()
  const now = Date.parse(answer.headers.date ?? '')
  asking.destroy()
  if (Number.isNaN(now)) throw new Error(`${host} does not say what time it is`)
  return now
}
