import { createHash, timingSafeEqual } from 'node:crypto'

/** Short enough to type, long enough not to be guessed by accident. */
const shortest = 8

/** Throws RangeError for a token that no header can carry. */
export function checkTestToken(token: string): string {
  if (/^[\w\-.~+/=]+$/.test(token) && token.length >= shortest) return token
  throw new RangeError(`A test token has at least ${shortest} of the characters A-Z a-z 0-9 - . _ ~ + / =`)
}

/** Whether a header, or a token of AMQP, is the `Bearer` token that this hub was told to accept; without one it accepts none. */
export function isTestToken(authorization: string, testToken: string | undefined): boolean {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  return testToken !== undefined && token !== undefined && timingSafeEqual(digest(token), digest(testToken))
}

/** Equal in length, as a comparison in constant time wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
