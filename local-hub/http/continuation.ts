import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { invalid } from '../hub/hub-error.ts'

/** Continuation tokens: opaque, only good for the query that they came from, and only made by this hub. */
export class Continuation {
  readonly #secret = randomBytes(32)

  write(query: string, position: number): string {
    return `${this.#sign(query, position).toString('base64url')}.${position}`
  }

  /** Throws ArgumentInvalid. */
  read(query: string, token: string): number {
    const [signature = '', digits = ''] = token.split('.', 2)
    const position = /^\d{1,15}$/.test(digits) ? Number(digits) : 0
    const [actual, expected] = [Buffer.from(signature, 'base64url'), this.#sign(query, position)]
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
      throw invalid('x-ms-continuation is not a token of this query')
    }
    return position
  }

  #sign(query: string, position: number): Buffer {
    return createHmac('sha256', this.#secret).update(`${position}\n${query}`).digest()
  }
}
