import { z } from 'zod'

/** The direct methods of the device protocol, in the spelling of the public tutorials. */
export const methodNames = { reboot: 'reboot' } as const

/** Made by the app before the first send; the same id never has a second effect on the device. */
export const DeviceActionId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/** The payload of `reboot`. A reboot that would begin after `notAfter` does not begin. */
export const RebootPayload = z.object({
  actionId: DeviceActionId,
  notAfter: z.iso.datetime({ offset: true }),
  delaySeconds: z.number().min(0).max(3600).optional(),
  reason: z.string().max(256).optional(),
})
export type RebootPayload = z.infer<typeof RebootPayload>
