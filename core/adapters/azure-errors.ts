import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { HubHttpError } from './hub-http-error.ts'

/**
 * Translates what the SDK throws. The SDK's errors carry the request with its credential, so nothing of them is kept
 * but their status, error code and words: not even as a `cause`.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof HubHttpError) return exchangeError(error)
  const refusal = HubRefusal.safeParse(error)
  if (refusal.success) return refusalError(refusal.data)
  return fault('hub-client', {}, { cause: wordsOf(error) })
}

const HubRefusal = z.object({
  response: z.object({ statusCode: z.number(), headers: z.record(z.string(), z.unknown()).optional() }),
  responseBody: z.string().optional(),
})
type HubRefusal = z.infer<typeof HubRefusal>

/** An Error without what the SDK hangs on its own. */
function wordsOf(error: unknown): Error {
  return new Error(error instanceof Error ? `${error.name}: ${error.message}` : typeof error)
}

function exchangeError({ fault: kind, status, cause }: HubHttpError): AppError {
  if (isCancellation(cause)) return fault('cancelled')
  if (kind === 'strange') {
    return status ? fault('hub-impostor-status', { status }) : fault('hub-impostor')
  }
  if (kind === 'lost') {
    return fault('hub-answer-lost', {}, { cause })
  }
  return unreached(cause)
}

/** `AbortSignal.timeout` gives a TimeoutError; every other reason is somebody who left. */
function isCancellation(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError'
}

const certificateProblem = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME/

function unreached(cause: unknown): AppError {
  const code = systemCode(cause)
  if (certificateProblem.test(code)) {
    return fault('hub-certificate', { detail: code }, { cause })
  }
  if (code === 'ENOTFOUND') {
    return fault('hub-name-unknown', {}, { cause })
  }
  return code === ''
    ? fault('hub-silent', {}, { cause })
    : fault('hub-unreachable', { detail: code }, { cause })
}

function systemCode(cause: unknown): string {
  const code = z.object({ code: z.string() }).safeParse(cause)
  return code.success ? code.data.code : ''
}

type Translation = (refusal: HubRefusal) => AppError

const byStatus: ReadonlyMap<number, Translation> = new Map<number, Translation>([
  [400, notUnderstood],
  [401, () => fault('hub-key-refused')],
  [403, forbidden],
  [404, notFound],
  [408, late],
  [409, () => fault('hub-has-it')],
  [412, () => fault('twin-changed')],
  [413, () => fault('request-too-large')],
  [429, throttled],
  [504, late],
])

function refusalError(refusal: HubRefusal): AppError {
  const translate = byStatus.get(refusal.response.statusCode)
  if (translate) return translate(refusal)
  return fault('hub-error', { status: refusal.response.statusCode })
}

function notUnderstood({ responseBody }: HubRefusal): AppError {
  const body = ErrorBody.safeParse(parseJson(responseBody))
  return body.success
    ? fault('hub-not-understood', { detail: body.data.Message })
    : fault('hub-not-understood-at-all')
}

function forbidden(refusal: HubRefusal): AppError {
  if (/quota/i.test(refusal.responseBody ?? ''))
    return fault('hub-day-used-up', {}, { retryAfterMs: dayPauseMs })
  return fault('hub-right-missing')
}

/** The messages of a day are there again at midnight UTC: to ask each few seconds would only be more of the same. */
const dayPauseMs = 15 * 60_000

/**
 * Documented: 404103 is an offline device or one without a method handler, 404001 an unknown or a disabled one. With
 * 404104 the connection of the device ended while it was being asked, so nobody knows whether it got the request.
 */
function notFound(refusal: HubRefusal): AppError {
  switch (hubErrorCode(refusal)) {
    case 404103:
      return fault('device-away')
    case 404104:
      return fault('device-cut-off')
    default:
      return fault('device-unknown')
  }
}

function late(): AppError {
  return fault('device-late')
}

function throttled({ response }: HubRefusal): AppError {
  const seconds = Number(response.headers?.['retry-after'])
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : undefined
  return fault('hub-busy', {}, { retryAfterMs })
}

const NestedError = z.object({ errorCode: z.number() })
const ErrorBody = z.object({ Message: z.string() })

/** The error body of a method has its code in JSON inside a JSON string. */
function hubErrorCode({ responseBody }: HubRefusal): number | undefined {
  const body = ErrorBody.safeParse(parseJson(responseBody))
  if (!body.success) return NestedError.safeParse(parseJson(responseBody)).data?.errorCode
  return NestedError.safeParse(parseJson(body.data.Message)).data?.errorCode
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Not JSON is an answer too: the callers treat it as "no code given".
    return undefined
  }
}
