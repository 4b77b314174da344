import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from './ports/clock.ts'

/** How long a nonce holds. */
export const nonceSeconds = 60

/** Nonces that are bound to a subject, and forgotten when the agent ends. */
export interface Nonces {
  make(subject: string): string
  isValid(nonce: string, subject: string): boolean
}

/** Each is the end of its validity, by the time since the machine's start, and a signature of that and the subject. */
export function newNonces(clock: Pick<Clock, 'uptime'>): Nonces {
  const key = randomBytes(32)

  function sign(expires: string, subject: string): Buffer {
    return createHmac('sha256', key).update(`${expires}\n${subject}`).digest()
  }
  return {
    make(subject) {
      const expires = Math.ceil(clock.uptime() + nonceSeconds * 1000).toString(36)
      return `${expires}-${sign(expires, subject).toString('base64url')}`
    },
    isValid(nonce, subject) {
      const [, expires = '', signature = ''] = /^([0-9a-z]+)-(.+)$/.exec(nonce) ?? []
      const given = Buffer.from(signature, 'base64url')
      const expected = sign(expires, subject)
      const isSigned = given.length === expected.length && timingSafeEqual(given, expected)
      return isSigned && clock.uptime() <= Number.parseInt(expires, 36)
    },
  }
}
