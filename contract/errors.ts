/** Every way a call can fail that someone treats differently. Nothing else is an error code. */
export const errorCodes = [
  'invalid-input',
  'not-found',
  'conflict',
  'unauthorized',
  'forbidden',
  'device-offline',
  'throttled',
  'timeout',
  'unreachable',
  'unexpected-answer',
  'cancelled',
  'internal',
] as const
export type ErrorCode = (typeof errorCodes)[number]

export interface AppErrorOptions {
  readonly cause?: unknown
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** What the person can do next, in one sentence. */
  readonly nextStep?: string | undefined
  /** Which part of the input is wrong, for `invalid-input`: the name of a field. */
  readonly field?: string | undefined
  /** Which of `faults` it is, and what goes into its words: what the window says it by, in its language. */
  readonly fault?: string | undefined
  readonly values?: Readonly<Record<string, string | number>> | undefined
}

/**
 * A failure that the user is told about: `message` says what happened and what it means, `nextStep` what to do.
 * Our own code makes it with `fault`. Anything thrown that is not one of these is a bug, and its text never leaves the main process.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined
  readonly nextStep: string | undefined
  readonly field: string | undefined
  readonly fault: string | undefined
  readonly values: Readonly<Record<string, string | number>> | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.retryAfterMs = options.retryAfterMs
    this.nextStep = options.nextStep
    this.field = options.field
    this.fault = options.fault
    this.values = options.values
  }
}
