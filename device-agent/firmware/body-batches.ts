import type { Readable } from 'node:stream'

/** More than this waits in the network, not in memory. */
const mostWaitingBytes = 1024 * 1024

export type Batches = AsyncIterable<readonly Uint8Array[]>

/**
 * All bytes of a body, in the batches in which they came while the reader was busy. Listens from now on. When the
 * connection breaks, what had arrived is given before the error: iterating over the stream itself would throw it away,
 * to be sent once more.
 */
export function batchesOf(body: Readable): Batches {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let ended: { readonly error?: Error } | undefined
  let wake = Promise.withResolvers<undefined>()
  const onChange = () => {
    wake.resolve(undefined)
  }
  body.on('data', (chunk: Uint8Array) => {
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes >= mostWaitingBytes) body.pause()
    onChange()
  })
  body.once('end', () => {
    ended ??= {}
    onChange()
  })
  body.once('error', (error) => {
    ended ??= { error }
    onChange()
  })
  body.once('close', () => {
    ended ??= { error: new Error('the connection broke') }
    onChange()
  })
  async function* batches(): AsyncGenerator<readonly Uint8Array[]> {
    for (;;) {
      if (waiting.length > 0) {
        const batch = waiting
        waiting = []
        waitingBytes = 0
        body.resume()
        yield batch
      } else if (ended !== undefined) {
        if (ended.error !== undefined) throw ended.error
        return
      } else {
        await wake.promise
        wake = Promise.withResolvers()
      }
    }
  }
  return batches()
}
