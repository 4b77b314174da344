import { z } from 'zod'
import { answerStatus, tutorialAnswer } from '../../contract/device/answer.ts'
import { RebootPayload } from '../../contract/device/method.ts'
import { timesOf } from '../domain/envelope.ts'
import type { ActionCall } from '../domain/method-decision.ts'
import { decodePayload, invalidCall } from '../domain/payload.ts'

/** What the record keeps of the call. */
export const RebootRequest = z.object({ reason: z.string().exactOptional() })
export type RebootRequest = z.infer<typeof RebootRequest>

/** Reads a `reboot` call. With no payload it comes from the tutorial's back end, which knows no ids. */
export function readRebootCall(payload: unknown): ActionCall<RebootRequest> {
  const value = decodePayload(payload)
  if (value === null) {
    // That back end prints the answer, and compares the text: it sees the device that it always knew.
    const answer = { status: answerStatus.alreadyDone, payload: tutorialAnswer }
    return { kind: 'wanted', parameters: 'tutorial', request: {}, answer }
  }
  const parsed = RebootPayload.safeParse(value)
  if (!parsed.success) return invalidCall(value, parsed.error)
  const { actionId, delaySeconds = 0, reason } = parsed.data
  return {
    ...{ kind: 'wanted', actionId, ...timesOf(parsed.data) },
    parameters: JSON.stringify([delaySeconds, reason ?? '']),
    request: reason === undefined ? {} : { reason },
    delayMs: Math.round(delaySeconds * 1000),
  }
}
