import type { ActionStatus } from '../../contract/app/action.ts'
import type { TargetStatus } from '../../contract/app/target.ts'

/** The shape that stands for a whole action. */
export const markOfAction: Readonly<Record<ActionStatus, TargetStatus>> = {
  running: 'working',
  cancelling: 'cancelling',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  unsettled: 'unknown',
}
