import type { IncomingMessage } from 'node:http'
import { HubError, invalid } from '../hub/hub-error.ts'

/** A bulk of 100 devices is far smaller. */
const largestBody = 1024 * 1024

/** Throws MessageTooLarge, with the rest of the body still to be drained, or ArgumentInvalid when the client left. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(request)) {
    size += chunk.byteLength
    if (size > largestBody)
      throw new HubError('MessageTooLarge', `The body of a request is at most ${largestBody} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
  } catch (error) {
    if (request.complete) throw error
    throw invalid('The request ended before its body did')
  }
}
