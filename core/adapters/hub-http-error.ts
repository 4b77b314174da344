/**
 * How an exchange with a hub went wrong below the hub's own errors:
 * `unreached`: nothing was sent. `lost`: it was sent, and the answer did not come. `strange`: what came is not a hub's.
 */
export type ExchangeFault = 'unreached' | 'lost' | 'strange'

export class HubHttpError extends Error {
  override readonly name = 'HubHttpError'
  readonly fault: ExchangeFault
  /** The HTTP status of a strange answer. */
  readonly status: number | undefined

  constructor(fault: ExchangeFault, options: { cause?: unknown; status?: number | undefined } = {}) {
    super(`The exchange with the hub failed: ${fault}`, { cause: options.cause })
    this.fault = fault
    this.status = options.status
  }
}
