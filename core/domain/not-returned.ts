import type { DeviceId } from '../../contract/app/ids.ts'
import type { Target } from '../../contract/app/target.ts'

/** A device that said yes and did not come back. */
export interface NotReturned {
  readonly deviceId: DeviceId
  /** When the time was over in which it should have. */
  readonly dueAt: string
}

/** Who did not come back of the devices of an action, in the order of their turns. */
export function* notReturned(targets: Iterable<Target>, deadlineMs: number): Generator<NotReturned> {
  for (const { deviceId, status, reason, sentAt, changedAt } of targets) {
    if (status !== 'unknown' || reason?.code !== 'did-not-return') continue
    const dueMs = sentAt === undefined ? Date.parse(changedAt) : Date.parse(sentAt) + deadlineMs
    yield { deviceId, dueAt: new Date(dueMs).toISOString() }
  }
}
