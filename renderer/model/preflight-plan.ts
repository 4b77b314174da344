import type { Preflight, Verdict } from '../../contract/app/action.ts'
import type { DeviceId } from '../../contract/app/ids.ts'

/** The devices of one verdict. */
export interface VerdictGroup {
  readonly verdict: Verdict
  readonly deviceIds: readonly DeviceId[]
  /** False when sending could only fail, or would disturb an action that is running. */
  readonly canRun: boolean
}

const order: readonly Verdict[] = [
  'ready',
  'unprovable',
  'offline',
  'disabled',
  'busy',
  'unsupported',
  'missing',
]
const runnable: ReadonlySet<Verdict> = new Set<Verdict>(['ready', 'unprovable'])

/** Groups the devices by verdict, those that can run first. */
export function groupByVerdict(preflight: Preflight): readonly VerdictGroup[] {
  const byVerdict = Map.groupBy(preflight.verdicts, ({ verdict }) => verdict)
  return order.flatMap((verdict) => {
    const devices = byVerdict.get(verdict)
    if (!devices) return []
    return [{ verdict, deviceIds: devices.map(({ deviceId }) => deviceId), canRun: runnable.has(verdict) }]
  })
}

/** The devices that will really be sent to. */
export function devicesToSend(
  groups: readonly VerdictGroup[],
  excluded: ReadonlySet<Verdict>,
): readonly DeviceId[] {
  return groups
    .filter(({ canRun, verdict }) => canRun && !excluded.has(verdict))
    .flatMap(({ deviceIds }) => deviceIds)
}
