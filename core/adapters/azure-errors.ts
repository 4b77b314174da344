import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
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
  return new AppError('internal', 'The hub client failed in a way that Drover does not know.', {
    cause: wordsOf(error),
  })
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

function exchangeError({ fault, status, cause }: HubHttpError): AppError {
  if (isCancellation(cause)) return new AppError('cancelled', 'Cancelled.')
  if (fault === 'strange') {
    return new AppError(
      'unexpected-answer',
      `Something answered in the hub's place${status ? ` (HTTP ${status})` : ''}, and not as an IoT hub does.`,
      {
        nextStep: 'Check whether this network has a sign-in page or a proxy, then try again.',
      },
    )
  }
  if (fault === 'lost') {
    return new AppError('timeout', 'The request was sent, and no answer came back.', {
      cause,
      nextStep: 'Check the network, then refresh.',
    })
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
    return new AppError('unreachable', `The hub's certificate is not trusted (${code}). Nothing was sent.`, {
      cause,
      nextStep:
        'If a proxy inspects this network, or the hub runs on this machine, add its CA certificate under Advanced.',
    })
  }
  if (code === 'ENOTFOUND') {
    return new AppError('unreachable', 'No hub of that name was found. Nothing was sent.', {
      cause,
      nextStep: 'Check the host name in the connection string, and that this machine is online.',
    })
  }
  return new AppError('unreachable', `The hub did not answer${code ? ` (${code})` : ''}. Nothing was sent.`, {
    cause,
    nextStep: 'Check that this machine is online and that a firewall lets it reach the hub on port 443.',
  })
}

function systemCode(cause: unknown): string {
  const code = z.object({ code: z.string() }).safeParse(cause)
  return code.success ? code.data.code : ''
}

type Translation = (refusal: HubRefusal) => AppError

const byStatus: ReadonlyMap<number, Translation> = new Map<number, Translation>([
  [
    400,
    (refusal) =>
      new AppError('invalid-input', `The hub did not understand the request: ${hubWords(refusal)}`),
  ],
  [
    401,
    () =>
      new AppError('unauthorized', 'The hub does not accept this key.', {
        nextStep:
          'Copy the connection string of the policy again: its key may have been renewed. A wrong clock on this machine has the same effect.',
      }),
  ],
  [403, forbidden],
  [404, notFound],
  [408, late],
  [409, () => new AppError('conflict', 'The hub has this already.')],
  [
    412,
    () =>
      new AppError('conflict', 'Somebody else changed this device in the meantime.', {
        nextStep: 'Refresh and try again.',
      }),
  ],
  [429, throttled],
  [504, late],
])

function refusalError(refusal: HubRefusal): AppError {
  const translate = byStatus.get(refusal.response.statusCode)
  if (translate) return translate(refusal)
  return new AppError(
    'unexpected-answer',
    `The hub answered with an error of its own (HTTP ${refusal.response.statusCode}).`,
    {
      nextStep: 'It usually passes. Try again in a minute.',
    },
  )
}

function forbidden(refusal: HubRefusal): AppError {
  if (/quota/i.test(refusal.responseBody ?? '')) return throttled(refusal)
  return new AppError('forbidden', 'The policy of this connection string lacks a right that this needs.', {
    nextStep: 'Use a policy with "Service connect" and "Registry read".',
  })
}

/** Documented: 404103 is an offline device or one without a method handler, 404001 an unknown or a disabled one. */
function notFound(refusal: HubRefusal): AppError {
  if (hubErrorCode(refusal) === 404103)
    return new AppError(
      'device-offline',
      'The device is not connected, or nothing on it handles direct methods.',
    )
  return new AppError('not-found', 'The hub does not know this device, or it is disabled.')
}

function late(): AppError {
  return new AppError('timeout', 'The device did not answer in time.')
}

function throttled({ response }: HubRefusal): AppError {
  const seconds = Number(response.headers?.['retry-after'])
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : undefined
  return new AppError('throttled', 'The hub is at its limit for now.', { retryAfterMs })
}

const NestedError = z.object({ errorCode: z.number() })
const ErrorBody = z.object({ Message: z.string() })

/** The error body of a method has its code in JSON inside a JSON string. */
function hubErrorCode({ responseBody }: HubRefusal): number | undefined {
  const body = ErrorBody.safeParse(parseJson(responseBody))
  if (!body.success) return NestedError.safeParse(parseJson(responseBody)).data?.errorCode
  return NestedError.safeParse(parseJson(body.data.Message)).data?.errorCode
}

function hubWords({ responseBody }: HubRefusal): string {
  const body = ErrorBody.safeParse(parseJson(responseBody))
  return (body.success ? body.data.Message : 'no reason given').slice(0, 300)
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Not JSON is an answer too: the callers treat it as "no code given".
    return undefined
  }
}
