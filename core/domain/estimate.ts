import type { Engine } from '../../contract/app/action.ts'
import type { HubTier } from '../../contract/app/hub.ts'
import type { ActionKind } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { Estimate } from '../../contract/app/preflight.ts'
import { kindCosts } from './kind-costs.ts'
import { quotaOf } from './quota.ts'
import { planWaves } from './waves.ts'

export interface Estimated {
  readonly kind: ActionKind
  readonly tier: HubTier
  readonly engine: Engine
  readonly policy: Policy | undefined
  /** How many devices are to be asked. */
  readonly devices: number
  /** How many of them have no agent of ours, so that their twins are read before they are asked. */
  readonly foreign: number
  /** How large the request is, in blocks of 4 KB. */
  readonly blocks: number
}

/** Which share of the hub's limits the app uses: the rest is for other tools. */
const usedShare = 0.95

/** What an action costs in time and in messages, by the documented quotas of the hub's tier. */
export function estimate(asked: Estimated): Estimate {
  const { devices } = asked
  const messages = messagesOf(asked)
  const [boundBy, slowestMs] = slowestOf(asked)
  const restMs = restOf(asked)
  return {
    durationMs: Math.ceil(slowestMs + restMs),
    boundBy: restMs > slowestMs ? 'policy' : boundBy,
    messages,
    messagesPerDevice: devices === 0 ? 0 : messages / devices,
  }
}

/** A method is billed for its request and its answer, a patch for what it holds. */
function messagesOf({ kind, devices, foreign, blocks, engine }: Estimated): number {
  const { methods, updates, notifications, reports, reads } = kindCosts[kind]
  // The hub tells what became of a job in answers that are not billed.
  const looks = engine === 'job' ? 0 : reads
  const each = methods * (blocks + 1) + updates * blocks + notifications + reports + looks
  return devices * each + (methods > 0 && engine === 'methods' && reads > 0 ? foreign : 0)
}

type Bound = Estimate['boundBy']

/** The limit that takes longest to let everybody through, and how long. Milliseconds. */
function slowestOf({ kind, tier, policy, engine, devices, foreign, blocks }: Estimated): [Bound, number] {
  const quota = quotaOf(tier)
  const { methods, updates, reports, reads, restarts } = kindCosts[kind]
  const isJob = engine === 'job'
  const needs: readonly (readonly [Bound, number, number])[] = [
    ['methods', isJob ? 0 : devices * methods * blocks, quota.methodsPerSecond * usedShare],
    ['twin-updates', devices * (updates + reports), quota.updatesPerSecond * usedShare],
    ['twin-reads', isJob ? 0 : devices * reads + foreign, quota.readsPerSecond * usedShare],
    ['connections', restarts ? devices : 0, quota.connectionsPerSecond * usedShare],
    ['jobs', isJob ? devices : 0, quota.jobDevicesPerSecond],
    ['policy', policy?.mostPerMinute ? devices : 0, (policy?.mostPerMinute ?? 60) / 60],
  ]
  return needs
    .map(([bound, count, perSecond]): [Bound, number] => [bound, (count / perSecond) * 1000])
    .reduce((slowest, one) => (one[1] > slowest[1] ? one : slowest))
}

/** How long the gates let nothing through. Milliseconds. */
function restOf({ policy, devices }: Estimated): number {
  if (!policy) return 0
  return Math.max(0, planWaves(policy.waves, devices).length - 1) * policy.gate.soakMs
}
