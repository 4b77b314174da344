import type { IncomingMessage } from 'node:http'
import { HubError, invalid } from '../hub/hub-error.ts'

/** A bulk of 100 devices is far smaller. */
const largestBody = 1024 * 1024

/** Throws MessageTooLarge, with the rest of the body still to be drained, or ArgumentInvalid when the client left. */
export function readBody(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.byteLength
      if (size <= largestBody) return void chunks.push(chunk)
      chunks.length = 0
      reject(new HubError('MessageTooLarge', `The body of a request is at most ${largestBody} bytes`))
    })
    request.once('end', () => {
      resolve(Buffer.concat(chunks))
    })
    const leave = () => {
      // Every request is closed in the end: an error costs a stack trace.
      if (!request.complete) reject(invalid('The request ended before its body did'))
    }
    request.once('error', leave)
    request.once('close', leave)
  })
}
