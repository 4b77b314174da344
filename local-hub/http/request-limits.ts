import { isJsonObject, parseJson } from '../hub/json.ts'
import type { JsonValue } from '../hub/json.ts'
import { admitBilled } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import type { Operation } from '../limits/operation.ts'
import type { HubResponse } from './route.ts'

/** The throttle of direct methods counts requests in blocks of this size, on every tier. */
const meteredBytes = 4096

interface AskedRequest {
  readonly method: string
  readonly body: Uint8Array
}

/** Milliseconds that a request should wait; throws ThrottlingException, IotHubQuotaExceeded. */
export function admit(limits: Limits, operation: Operation, { method, body }: AskedRequest): number {
  switch (operation) {
    case 'diagnostics':
      return 0
    case 'cloudToDevice':
      return admitOfMessages(limits, method)
    case 'job':
    case 'registry':
      return limits.throttles.take(operation)
    case 'directMethod':
      return admitBilled(limits, operation, meteredBlocksOf(body))
    case 'telemetry':
    case 'twinRead':
    case 'twinUpdate':
    case 'query':
      return admitBilled(limits, operation)
  }
}

/** To settle what was received is not to receive. */
function admitOfMessages({ throttles }: Limits, method: string): number {
  return method === 'GET' ? throttles.take('cloudToDeviceReceive') : 0
}

/** Counts what the exchange costs; what the hub refused costs nothing, but for a method that the device did not answer. */
export function charge({ meter }: Limits, operation: Operation, exchange: Exchange): void {
  const { status, json = '' } = exchange.response
  if (operation === 'directMethod') return chargeMethod({ meter }, exchange)
  if (status >= 300) return
  if (operation === 'twinUpdate' || operation === 'telemetry')
    return meter.charge(operation, exchange.body.byteLength)
  if (operation === 'twinRead' || operation === 'query') meter.charge(operation, Buffer.byteLength(json))
}

export interface Exchange {
  readonly body: Uint8Array
  readonly response: HubResponse
}

/** What the hub says in the place of the device: one message like an answer. */
const unansweredCodes: readonly string[] = ['DeviceNotOnline', 'DeviceTimeout', 'BadDeviceResponse']

function chargeMethod({ meter }: Pick<Limits, 'meter'>, { body, response }: Exchange): void {
  const { status, json = '', headers } = response
  // What is one message with its envelope is one without, and need not be parsed.
  const billedBytes = (source: Uint8Array | string) =>
    meter.isOneMessage(Buffer.byteLength(source)) ? 1 : payloadBytes(source)
  if (status === 200) return meter.charge('directMethod', billedBytes(body), billedBytes(json))
  const code = headers?.['iothub-errorcode'] ?? ''
  if (unansweredCodes.includes(code)) meter.charge('directMethod', billedBytes(body), 0)
}

function meteredBlocksOf(body: Uint8Array): number {
  if (body.byteLength <= meteredBytes) return 1
  return Math.max(1, Math.ceil(payloadBytes(body) / meteredBytes))
}

/** The size of `payload` alone; a body that is not JSON is refused later, and has none. */
function payloadBytes(source: Uint8Array | string): number {
  const body = parse(source)
  const payload = isJsonObject(body) ? body['payload'] : undefined
  return payload === undefined || payload === null ? 0 : Buffer.byteLength(JSON.stringify(payload))
}

function parse(source: Uint8Array | string): JsonValue | undefined {
  try {
    return parseJson(source)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
