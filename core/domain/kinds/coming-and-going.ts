import type { TargetEvent } from '../target.ts'
import type { Following, Sighting } from './kind.ts'

/**
 * Notices when a device left and when it was back. It proves nothing: each device reconnects about once an hour to
 * renew its token.
 */
export function noticeComingAndGoing(following: Following, { isConnected, readAt }: Sighting): Following {
  if (!isConnected) return { ...following, leftAt: following.leftAt ?? readAt, returnedAt: undefined }
  if (following.leftAt === undefined || following.returnedAt !== undefined) return following
  return { ...following, returnedAt: readAt }
}

/** What is to say of a device that has proved nothing yet; `following` has noticed the sighting. */
export function comingOrGoing(
  { returnedAt }: Following,
  { isConnected, readAt }: Sighting,
): TargetEvent | undefined {
  if (!isConnected) return { name: 'leave' }
  return returnedAt === readAt ? { name: 'return' } : undefined
}

/** What is left to say when the time is over: never failure, for the device may still come back. */
export function silence(following: Following, last: Sighting | undefined): TargetEvent {
  const neverLeft = following.leftAt === undefined && last?.isConnected === true
  return { name: 'lose', reason: { code: neverLeft ? 'never-rebooted' : 'did-not-return' } }
}
