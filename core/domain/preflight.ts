import type { Verdict } from '../../contract/app/action.ts'
import type { DeviceRow } from '../../contract/app/device.ts'

/** What is known of a device before anything is sent. */
export interface Candidate {
  readonly row: DeviceRow | undefined
  /** Absent for a device without an agent of ours. */
  readonly supportedActions: readonly string[] | undefined
  readonly isBusy: boolean
}

/** Whether a reboot of this device makes sense now, and whether its outcome can be proven. */
export function rebootVerdict({ row, supportedActions, isBusy }: Candidate): Verdict {
  if (!row) return 'missing'
  if (!row.isEnabled) return 'disabled'
  if (isBusy) return 'busy'
  if (!row.isConnected) return 'offline'
  if (supportedActions && !supportedActions.includes('reboot')) return 'unsupported'
  return row.dialect === 'drover' ? 'ready' : 'unprovable'
}
