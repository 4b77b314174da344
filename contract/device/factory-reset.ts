import { z } from 'zod'
import { cappedList, cappedText } from './hostile-values.ts'
import { ActionEnvelope, DeviceActionId } from './method.ts'

/** Made by the device, valid for a minute, for one action and what the device would wipe at that time. */
const ResetNonce = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/)

/**
 * The payload of `factoryReset`, which takes two calls: `arm` changes nothing and answers with a nonce and what would
 * happen; `execute` with that nonce does it.
 */
export const FactoryResetPayload = z.discriminatedUnion('phase', [
  ActionEnvelope.extend({ phase: z.literal('arm') }),
  ActionEnvelope.extend({ phase: z.literal('execute'), nonce: ResetNonce }),
])
export type FactoryResetPayload = z.infer<typeof FactoryResetPayload>

/** The answer to `arm`: what a reset would do now. */
export const ArmedAnswer = z.object({
  actionId: DeviceActionId,
  state: z.literal('armed'),
  nonce: ResetNonce,
  validSeconds: z.number().positive(),
  wipes: cappedList(cappedText(256), 32),
  keeps: cappedList(cappedText(64), 32),
  /** False when the device loses what it signs in with: it will not report the end, and not come back by itself. */
  willReturn: z.boolean(),
})
export type ArmedAnswer = z.infer<typeof ArmedAnswer>

/** Reads the answer to `arm`; undefined when it is none. */
export function readArmedAnswer(value: unknown): ArmedAnswer | undefined {
  return ArmedAnswer.safeParse(value).data
}
