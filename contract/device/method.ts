import { z } from 'zod'

/** The direct methods of the device protocol, in the spelling of the public tutorials. */
export const methodNames = {
  reboot: 'reboot',
  factoryReset: 'factoryReset',
  firmwareUpdate: 'firmwareUpdate',
  cancelAction: 'cancelAction',
} as const

/** Made by the app before the first send; the same id never has a second effect on the device. */
export const DeviceActionId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/**
 * What every action is asked for with. An action that would begin after `notAfter` does not begin. `issuedAt` is when
 * the caller asked: a device whose clock is not set yet knows by it how long the request holds.
 */
export const ActionEnvelope = z.object({
  actionId: DeviceActionId,
  notAfter: z.iso.datetime({ offset: true }),
  issuedAt: z.iso.datetime({ offset: true }).optional(),
})
export type ActionEnvelope = z.infer<typeof ActionEnvelope>

/** The payload of `reboot`. */
export const RebootPayload = ActionEnvelope.extend({
  delaySeconds: z.number().min(0).max(3600).optional(),
  reason: z.string().max(256).optional(),
})
export type RebootPayload = z.infer<typeof RebootPayload>

/** The payload of `cancelAction`: the action that is not wanted any more. */
export const CancelPayload = z.object({ actionId: DeviceActionId })
export type CancelPayload = z.infer<typeof CancelPayload>
