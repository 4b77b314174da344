import type { z } from 'zod'
import { DeviceActionId } from '../../contract/device/method.ts'
import type { InvalidCall } from './method-decision.ts'

/**
 * A payload as it was meant. The public tutorials send null, or an object once more encoded as a JSON string; the
 * command line and the portal send `{}` for "no payload", which is null here.
 */
export function decodePayload(payload: unknown): unknown {
  const value = decoded(payload)
  return isNothing(value) ? null : value
}

/** Says what is wrong with a payload, without quoting it. */
export function invalidCall(value: unknown, error: z.ZodError): InvalidCall {
  const field = error.issues[0]?.path.join('.') ?? ''
  const reason =
    field === '' ? 'the payload must be an object or null' : `the payload's ${field} is missing or wrong`
  return { kind: 'invalid', actionId: usableActionId(value), reason }
}

function decoded(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload
  try {
    return JSON.parse(payload) as unknown
  } catch {
    // Any other text names nothing that could be read: the caller is told that it is no object.
    return payload.trim() === '' ? null : payload
  }
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0
}

function usableActionId(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return DeviceActionId.safeParse(Reflect.get(value, 'actionId')).data
}
