import type { ActionEnvelope } from '../../contract/device/method.ts'

/** The times of a request, by the clock of the caller, in milliseconds since 1970. */
export function timesOf({ notAfter, issuedAt }: ActionEnvelope): { notAfter: number; issuedAt?: number } {
  return { notAfter: Date.parse(notAfter), ...(issuedAt !== undefined && { issuedAt: Date.parse(issuedAt) }) }
}
