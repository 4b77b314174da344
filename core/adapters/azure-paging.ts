import { AppError } from '../../contract/errors.ts'

/** A hub that hands out a token again would never let a listing end. Errors: `unexpected-answer`. */
export function refuseLoop(seen: Set<string>, token: string | undefined): void {
  if (token === undefined) return
  if (seen.has(token))
    throw new AppError('unexpected-answer', 'The hub repeats a page of what it was asked for.')
  seen.add(token)
}
