import type { IncomingHttpHeaders } from 'node:http'
import type { SenderAuthentication } from '../events/hub-event.ts'
import { invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { isJsonObject, parseJson } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { Right } from '../security/policies.ts'

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

export interface Route {
  readonly method: HttpMethod
  /** Segments such as `twins` and `:deviceId`; a parameter never matches an empty segment. */
  readonly path: readonly string[]
  readonly right: Right
  handle(hub: Hub, request: HubRequest): HubResponse | Promise<HubResponse>
}

export interface HubRequest {
  readonly params: Readonly<Record<string, string>>
  /** What follows `?` in the URL. */
  readonly parameters: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Names, in the case in which they were written, and values, in turn. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** The device or module that asks; `undefined` for a back end. */
  readonly sender: SenderAuthentication | undefined
}

export interface HubResponse {
  readonly status: number
  /** JSON text; absent means an empty body. */
  readonly json?: string
  /** The body of a message, in the place of JSON. */
  readonly bytes?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export function ok(value: JsonValue, headers: Readonly<Record<string, string>> = {}): HubResponse {
  return { status: 200, json: JSON.stringify(value), headers }
}

/** Throws ArgumentInvalid. */
export function bodyOf(request: HubRequest, parse = parseJson): JsonValue {
  try {
    return parse(request.body)
  } catch {
    throw invalid('The body of the request is not valid JSON')
  }
}

/** Throws ArgumentInvalid. */
export function objectBodyOf(request: HubRequest, parse = parseJson): JsonObject {
  const body = bodyOf(request, parse)
  if (!isJsonObject(body)) throw invalid('The body of the request should be a JSON object')
  return body
}

export function deviceIdOf(request: HubRequest): string {
  return request.params['deviceId'] ?? ''
}

/** Absent means: whatever version the hub has. */
export function ifMatchOf(request: HubRequest): string {
  return request.headers['if-match'] ?? '*'
}
