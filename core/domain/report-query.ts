import type { ActionKind } from '../../contract/app/parameters.ts'
import { DeviceActionId } from '../../contract/device/method.ts'
import { reportedRoot } from '../../contract/device/reported.ts'

/** The kinds that our agent reports under the id of the action. */
export type ReportedKind = 'reboot' | 'factoryReset' | 'firmwareUpdate'

const reportedKinds: ReadonlySet<ActionKind> = new Set<ReportedKind>([
  'reboot',
  'factoryReset',
  'firmwareUpdate',
])

export function isReportedKind(kind: ActionKind): kind is ReportedKind {
  return reportedKinds.has(kind)
}

/**
 * How many devices report each status under the id of the action: one row a status, whatever the fleet's size. Throws
 * for an id that would have to be quoted, which no action has that asked our agent.
 */
export function reportQuery({
  kind,
  actionId,
}: {
  readonly kind: ReportedKind
  readonly actionId: string
}): string {
  const report = `properties.reported.${reportedRoot}.${kind}`
  const id = DeviceActionId.parse(actionId)
  return `SELECT ${report}.status AS status, COUNT() AS devices FROM devices WHERE ${report}.actionId = '${id}' GROUP BY ${report}.status`
}
