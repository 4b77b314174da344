import { z } from 'zod'
import { cappedText } from '../../contract/device/hostile-values.ts'
import { reportedRoot } from '../../contract/device/reported.ts'

const Desired = z.object({ [reportedRoot]: z.object({ updateLock: z.unknown() }) })
const Reason = z.object({ reason: cappedText(256).pipe(z.string().trim().min(1)) })

/**
 * Why the desired property `iothubDM.updateLock` forbids destructive actions; undefined when it does not. Null and
 * false unlock. Anything else locks, also with no reason that can be read: who wrote it meant to stop something.
 */
export function desiredLock(desired: unknown): string | undefined {
  const lock = Desired.safeParse(desired).data?.[reportedRoot].updateLock
  if (lock === undefined || lock === null || lock === false) return undefined
  return Reason.safeParse(lock).data?.reason ?? 'the desired property updateLock is set'
}

/** Why a lock file of this content forbids destructive actions: its first line, or that it is there. */
export function fileLock(content: string): string {
  const firstLine = content.trimStart().split('\n', 1)[0] ?? ''
  const printable = firstLine.replaceAll(/\p{Cc}/gu, ' ').trim()
  return printable === '' ? 'the update lock of this device is set' : printable.slice(0, 256).toWellFormed()
}
