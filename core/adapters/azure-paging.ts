import { fault } from '../../contract/faults.ts'

/** A hub that hands out a token again would never let a listing end. Errors: `unexpected-answer`. */
export function refuseLoop(seen: Set<string>, token: string | undefined): void {
  if (token === undefined) return
  if (seen.has(token)) throw fault('hub-page-repeated')
  seen.add(token)
}
