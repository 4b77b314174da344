import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { invalid } from '../hub/hub-error.ts'
import type { Cursor } from '../query/run-query.ts'

/** What a token is good for: the next page is the same query with the same page size. */
export interface Continued {
  readonly query: string
  readonly pageSize: number
}

/** Continuation tokens: opaque, only good for the query and page size that they came from, and only made by this hub. */
export class Continuation {
  readonly #secret = randomBytes(32)

  write(continued: Continued, { after, returned }: Cursor): string {
    const position = `${after}-${returned}`
    return `${this.#sign(continued, position).toString('base64url')}.${position}`
  }

  /** Throws ArgumentInvalid. */
  read(continued: Continued, token: string): Cursor {
    const [signature = '', position = ''] = token.split('.', 2)
    const [actual, expected] = [Buffer.from(signature, 'base64url'), this.#sign(continued, position)]
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
      throw invalid('x-ms-continuation is not a token of this query with this page size')
    }
    const [after, returned] = position.split('-').map(Number)
    return { after: after ?? 0, returned: returned ?? 0 }
  }

  #sign({ query, pageSize }: Continued, position: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${position}\n${pageSize}\n${query}`).digest()
  }
}
