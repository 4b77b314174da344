import { RebootPayload } from '../../contract/device/method.ts'

/** What a `reboot` call asks for. A `tutorial` one names no action: it comes from a back end that knows none. */
export type RebootRequest =
  | { readonly kind: 'identified'; readonly payload: RebootPayload }
  | { readonly kind: 'tutorial' }
  | { readonly kind: 'invalid'; readonly actionId: string | undefined; readonly reason: string }

/**
 * Reads the payload of a `reboot` call. The public tutorials send null, or an object once more encoded as a JSON
 * string; the command line and the portal send `{}` for "no payload".
 */
export function readRebootRequest(payload: unknown): RebootRequest {
  const value = decoded(payload)
  if (isNothing(value)) return { kind: 'tutorial' }
  const parsed = RebootPayload.safeParse(value)
  if (parsed.success) return { kind: 'identified', payload: parsed.data }
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') ?? ''
  const reason =
    field === '' ? 'the payload must be an object or null' : `the payload's ${field} is missing or wrong`
  return { kind: 'invalid', actionId: usableActionId(value), reason }
}

/** The comparable text of what is asked for. `notAfter` is not part of it: it says until when, not what. */
export function parametersOf(payload: RebootPayload): string {
  return JSON.stringify([payload.delaySeconds ?? 0, payload.reason ?? ''])
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
  return RebootPayload.shape.actionId.safeParse(Reflect.get(value, 'actionId')).data
}
