import { z } from 'zod'
import { cappedText } from './hostile-values.ts'
import { reportedRoot } from './reported.ts'

const Desired = z.object({ [reportedRoot]: z.object({ updateLock: z.unknown() }) })

/** The desired property `iothubDM.updateLock` as the app writes it: destructive actions are refused while it is there. */
export const UpdateLock = z.object({ reason: cappedText(256).pipe(z.string().trim().min(1)) })
export type UpdateLock = z.infer<typeof UpdateLock>

/**
 * Why the desired property `iothubDM.updateLock` forbids destructive actions; undefined when it does not. Null and
 * false unlock. Anything else locks, also with no reason that can be read: who wrote it meant to stop something.
 */
export function readUpdateLock(desired: unknown): string | undefined {
  const lock = Desired.safeParse(desired).data?.[reportedRoot].updateLock
  if (lock === undefined || lock === null || lock === false) return undefined
  return UpdateLock.safeParse(lock).data?.reason ?? 'the desired property updateLock is set'
}
