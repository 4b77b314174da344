import type { DeviceId } from '../../contract/app/ids.ts'
import type { Target } from '../../contract/app/target.ts'

export interface LostDevice {
  readonly deviceId: DeviceId
  /** When the time was over in which it should have come back. */
  readonly dueAtMs: number
}

/** The devices that said yes and did not come back, the longest overdue first. */
export function lostDevices(targets: readonly Target[], deadlineMs: number): readonly LostDevice[] {
  return targets
    .filter(({ status, reason }) => status === 'unknown' && reason?.code === 'did-not-return')
    .map(({ deviceId, sentAt, changedAt }) => ({
      deviceId,
      dueAtMs: sentAt === undefined ? Date.parse(changedAt) : Date.parse(sentAt) + deadlineMs,
    }))
    .toSorted((left, right) => left.dueAtMs - right.dueAtMs)
}
