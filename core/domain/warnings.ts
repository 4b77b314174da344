import type { HubTier } from '../../contract/app/hub.ts'
import type { ActionKind } from '../../contract/app/parameters.ts'
import type { Policy, WaveSize } from '../../contract/app/policy.ts'
import type { Warning } from '../../contract/app/preflight.ts'
import type { PlannedJob } from './job-plan.ts'
import { quotaOf } from './quota.ts'
import { planWaves, rangeOf, waveOf } from './waves.ts'

/** A device that is about to be asked, as far as the warnings are concerned. */
export interface Risked {
  /** The value of the tag that its stand-ins share. */
  readonly group: string | undefined
  /** What it says that a factory reset leaves in place; undefined when it does not say. */
  readonly keepsOnReset: readonly string[] | undefined
  /** A restore would overwrite what was written there since. */
  readonly isChangedSince?: boolean
}

export interface Plan {
  readonly kind: ActionKind
  readonly tier: HubTier
  readonly policy: Policy | undefined
  /** In the order of their turns. */
  readonly devices: readonly Risked[]
  /** How many devices of the fleet share each value of the tag. */
  readonly groupSizes: ReadonlyMap<string, number>
  readonly messages: number
  /** A direct method that a person named, and after which devices restart. */
  readonly isUnpacedRestart: boolean
  /** The jobs of the hub that it takes; none where the app asks by itself. */
  readonly jobs: readonly PlannedJob[]
}

/** More groups than these say nothing new. */
const mostGroups = 50

/** A factory reset of more devices than these has to be allowed by its policy. */
export const mostResets = 10

/** More devices than this are refused; undefined where there is no such limit. */
export function blastRadius(kind: ActionKind, policy: Policy | undefined): number | undefined {
  return policy?.mostDevices ?? (kind === 'factoryReset' ? mostResets : undefined)
}

/** What a person should know before confirming. */
export function warningsOf(plan: Plan): Warning[] {
  return [
    ...overCap(plan),
    ...identityWiped(plan),
    ...changedSince(plan),
    ...dailyQuota(plan),
    ...reconnectStorm(plan),
    ...severalJobs(plan),
    ...redundancy(plan),
  ]
}

function overCap({ kind, policy, devices }: Plan): Warning[] {
  const cap = blastRadius(kind, policy)
  if (cap === undefined || devices.length <= cap) return []
  return [{ kind: 'over-cap', devices: devices.length, cap }]
}

/** Whether a factory reset leaves a device what it signs in with, in the words of our agent; undefined where it does not say. */
export function keepsIdentity(keepsOnReset: readonly string[] | undefined): boolean | undefined {
  return keepsOnReset?.includes('identity')
}

function identityWiped({ kind, devices }: Plan): Warning[] {
  if (kind !== 'factoryReset') return []
  const wiped = devices.filter(({ keepsOnReset }) => keepsIdentity(keepsOnReset) === false).length
  return wiped > 0 ? [{ kind: 'identity-wiped', devices: wiped }] : []
}

function changedSince({ devices }: Plan): Warning[] {
  const changed = devices.filter(({ isChangedSince }) => isChangedSince).length
  return changed > 0 ? [{ kind: 'changed-since', devices: changed }] : []
}

function dailyQuota({ tier, messages }: Plan): Warning[] {
  const { messagesPerDay: perDay } = quotaOf(tier)
  return messages > perDay ? [{ kind: 'daily-quota', messages, perDay }] : []
}

/**
 * Devices that are sent away faster than the hub takes them back would have to wait, and to try again. Of what Drover
 * knows to be a restart it sends no more than that; of a direct method of any name it keeps the pace of methods.
 */
function reconnectStorm({ tier, policy, devices, isUnpacedRestart }: Plan): Warning[] {
  const { methodsPerSecond, connectionsPerSecond: perSecond } = quotaOf(tier)
  const leavingPerSecond = Math.min(methodsPerSecond, (policy?.mostPerMinute ?? Infinity) / 60)
  const atOnce = largestWave(policy?.waves ?? [], devices.length)
  if (!isUnpacedRestart || leavingPerSecond <= perSecond || atOnce <= perSecond) return []
  return [{ kind: 'reconnect-storm', devices: atOnce, perSecond }]
}

function severalJobs({ jobs, devices }: Plan): Warning[] {
  const last = jobs.at(-1)
  if (!last || jobs.length === 1) return []
  return [{ kind: 'several-jobs', devices: devices.length, jobs: jobs.length, lastAfterMs: last.delayMs }]
}

function largestWave(sizes: readonly WaveSize[], total: number): number {
  const waves = planWaves(sizes, total)
  return waves.reduce((largest, end, index) => Math.max(largest, end - rangeOf(waves, index + 1).from), 0)
}

/** A group of which all, or all but one, would be away in the same wave; the largest groups first. */
function redundancy({ policy, devices, groupSizes }: Plan): Warning[] {
  const waves = planWaves(policy?.waves ?? [], devices.length)
  const together = new Map<string, number>()
  const worst = new Map<string, number>()
  for (const [number, { group }] of devices.entries()) {
    if (group === undefined) continue
    const key = `${waveOf(waves, number)} ${group}`
    const count = (together.get(key) ?? 0) + 1
    together.set(key, count)
    worst.set(group, Math.max(worst.get(group) ?? 0, count))
  }
  return [...worst]
    .map(([value, count]) => ({ value, devices: count, of: groupSizes.get(value) ?? count }))
    .filter((group) => group.of > 1 && group.devices >= group.of - 1)
    .toSorted((left, right) => right.devices - left.devices)
    .slice(0, mostGroups)
    .map((group) => ({ kind: 'redundancy', ...group }))
}
