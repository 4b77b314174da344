import { HubError, trackingId } from '../hub/hub-error.ts'
import type { HubResponse } from './route.ts'

/** The body that IoT Hub's registry, twin and query routes send: `ErrorCode:<name>;<text>`. */
export function errorResponse(error: HubError): HubResponse {
  const body = {
    Message: `ErrorCode:${error.code};${error.message}`,
    ExceptionMessage: `Tracking ID:${trackingId()}-TimeStamp:${new Date().toISOString()}`,
  }
  return { status: error.status, json: JSON.stringify(body), headers: headersOf(error) }
}

/** Direct methods answer errors in a form of their own: JSON inside the text of `Message`. */
export function methodErrorResponse(error: HubError, timeoutMs: number | undefined): HubResponse {
  const message = JSON.stringify({
    errorCode: error.number,
    trackingId: trackingId(),
    message: error.message,
    ...(timeoutMs === undefined ? {} : { info: { timeout: formatDuration(timeoutMs) } }),
    timestampUtc: new Date().toISOString(),
  })
  const body = { Message: message, ExceptionMessage: '' }
  return { status: error.status, json: JSON.stringify(body), headers: headersOf(error) }
}

/** What is left to say after a bug of ours. */
export function bugResponse(): HubResponse {
  return errorResponse(new HubError('ServerError', 'The local hub failed. This is a bug.'))
}

function headersOf({ code, retryAfterMs }: HubError): Readonly<Record<string, string>> {
  const retryAfter =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return { 'iothub-errorcode': code, ...retryAfter }
}

/** `hh:mm:ss` */
function formatDuration(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 19)
}
