import type { Policy } from '../../contract/app/policy.ts'
import type { NewAction } from '../../contract/app/action.ts'
import type { Estimate, Preflight, Restore, Verdict, Warning } from '../../contract/app/preflight.ts'
import type { DeviceId } from '../../contract/app/ids.ts'

/** The same list of what is kept, and how many devices have it. */
export interface Kept {
  readonly names: readonly string[]
  readonly devices: number
}

/** The devices of one verdict. */
export interface VerdictGroup {
  readonly verdict: Verdict
  readonly deviceIds: readonly DeviceId[]
  /** What its devices say that they keep in a factory reset, with how many say so. */
  readonly keeps: readonly Kept[]
  /** What a restore would change in the twin of each. */
  readonly restores: ReadonlyMap<DeviceId, Restore>
  /** False when sending could only fail, or would disturb an action that is running. */
  readonly canRun: boolean
}

const order: readonly Verdict[] = [
  'ready',
  'unprovable',
  'changed-since',
  'offline',
  'disabled',
  'busy',
  'already-done',
  'unsupported',
  'no-snapshot',
  'missing',
]

/** What a person has to ask for: a restore overwrites nobody's work by itself. */
export const excludedAtFirst: ReadonlySet<Verdict> = new Set<Verdict>(['changed-since'])
const runnable: ReadonlySet<Verdict> = new Set<Verdict>(['ready', 'unprovable', 'changed-since'])

/** Groups the devices by verdict, those that can run first. A policy that waits for offline devices can run on them. */
export function groupByVerdict(preflight: Preflight, policy?: Policy): readonly VerdictGroup[] {
  const byVerdict = Map.groupBy(preflight.verdicts, ({ verdict }) => verdict)
  return order.flatMap((verdict) => {
    const devices = byVerdict.get(verdict)
    if (!devices) return []
    const isAwaited = verdict === 'offline' && policy?.offline.mode === 'wait'
    const deviceIds = devices.map(({ deviceId }) => deviceId)
    const canRun = isAwaited || runnable.has(verdict)
    return [{ verdict, deviceIds, keeps: keptBy(devices), restores: restoresOf(devices), canRun }]
  })
}

function restoresOf(devices: Preflight['verdicts']): ReadonlyMap<DeviceId, Restore> {
  return new Map(devices.flatMap(({ deviceId, restore }) => (restore ? [[deviceId, restore] as const] : [])))
}

/** Which version of each of these twins was shown: a restore writes over no other. */
export function seenTwins(
  groups: readonly VerdictGroup[],
  deviceIds: readonly DeviceId[],
): NonNullable<NewAction['seen']> {
  const etags = new Map(groups.flatMap(({ restores }) => [...restores]))
  return Object.fromEntries(deviceIds.map((deviceId) => [deviceId, etags.get(deviceId)?.etag ?? '']))
}

function keptBy(devices: Preflight['verdicts']): readonly Kept[] {
  const known = devices.filter(({ keeps }) => keeps !== undefined)
  const alike = Map.groupBy(known, ({ keeps = [] }) => JSON.stringify(keeps.toSorted()))
  return [...alike.values()]
    .map((same) => ({ names: same[0]?.keeps?.toSorted() ?? [], devices: same.length }))
    .toSorted((a, b) => b.devices - a.devices)
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

export interface Cost {
  readonly durationMs: number
  readonly messages: number
}

/** The estimate is for all devices that can run; with groups excluded it costs its share. */
export function costOf(estimate: Estimate, sendCount: number, runnableCount: number): Cost {
  if (sendCount >= runnableCount) return estimate
  const share = runnableCount === 0 ? 0 : sendCount / runnableCount
  return {
    durationMs: Math.ceil(estimate.durationMs * share),
    messages: Math.ceil(estimate.messagesPerDevice * sendCount),
  }
}

/** The blast radius, when more devices would be sent to than it allows. */
export function exceededCap(warnings: readonly Warning[], sendCount: number): number | undefined {
  const over = warnings.find((warning) => warning.kind === 'over-cap')
  return over && sendCount > over.cap ? over.cap : undefined
}
