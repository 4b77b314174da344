import { HubError } from '../hub/hub-error.ts'

/** A refusal that says where: offsets count from 1, as an editor does. */
export function syntaxError(what: string, offset: number): HubError {
  return new HubError('ArgumentInvalid', `The query has an error at position ${offset + 1}: ${what}`)
}

export function refusedSyntax(what: string, offset: number): HubError {
  return new HubError(
    'NotImplemented',
    `The local hub does not implement ${what} (position ${offset + 1} of the query)`,
  )
}
