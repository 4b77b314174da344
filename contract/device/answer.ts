import { z } from 'zod'
import { DeviceActionId } from './method.ts'
import { cappedText, optional } from './hostile-values.ts'

/**
 * The status codes with which a device answers a method.
 * `conflict` names the running action in `actionId` when the device is busy, and the caller's own id when that id
 * was used before with other parameters.
 */
export const answerStatus = {
  alreadyDone: 200,
  accepted: 202,
  invalid: 400,
  conflict: 409,
  expired: 410,
  /** A command of the device's own, which was answered for at once, did not succeed. */
  commandFailed: 500,
  unsupported: 501,
  locked: 503,
} as const

/** Where the action named in an answer stands on the device. */
const AnswerState = z.enum([
  ...(['accepted', 'running', 'wiping', 'rebooting'] as const),
  ...(['waiting', 'downloading', 'verifying', 'applying', 'testing'] as const),
  ...(['completed', 'failed', 'cancelled', 'refused', 'armed'] as const),
])
export type AnswerState = z.infer<typeof AnswerState>

/** The body of every answer but the tutorial's. `actionId` is absent when the request named none that is usable. */
export const AnswerBody = z.object({
  actionId: optional(DeviceActionId),
  state: AnswerState,
  reason: optional(cappedText(1024)),
})
export type AnswerBody = z.infer<typeof AnswerBody>

/** What the device management tutorial's device answers, word for word, with status 200. */
export const tutorialAnswer = 'Reboot started'

/** Reads the body of a device's answer; undefined when it is not one of this protocol, such as the tutorial's text. */
export function readAnswerBody(value: unknown): AnswerBody | undefined {
  return AnswerBody.safeParse(value).data
}
