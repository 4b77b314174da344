import type { NewAction } from '../../contract/app/action.ts'
import type { Policy } from '../../contract/app/policy.ts'
import { fault } from '../../contract/faults.ts'
import type { ActionStarted } from './journal-record.ts'
import { isTimeZone } from './maintenance-window.ts'
import { blastRadius } from './warnings.ts'

/** What an action is compared with before it may start. */
export interface Surroundings {
  readonly hubName: string
  /** For a restore: the action before which the twins were kept; undefined when there is none of that id. */
  readonly reset?: ActionStarted | undefined
  readonly now: Date
}

/**
 * Refuses an action that nobody can have meant. Errors: `invalid-input` that names `policy`, `startAt`, `engine`,
 * `resetId`, `seen` or `confirmation`; `conflict` for more devices than the blast radius allows.
 */
export function checkAction(action: NewAction, { hubName, now, reset }: Surroundings): void {
  const devices = new Set(action.deviceIds).size
  checkPolicy(action.policy, now)
  const cap = blastRadius(action.parameters.kind, action.policy)
  if (cap !== undefined && devices > cap) {
    throw fault('too-many-devices', { devices, most: cap })
  }
  if (action.startAt !== undefined && action.engine !== 'job') throw fault('start-without-job')
  if (action.parameters.kind === 'factoryReset') checkConfirmation(action, devices, hubName)
  if (action.parameters.kind === 'restore') checkRestore(action, reset)
}

/** What was kept goes back to where it came from, and over nothing that the person was not shown. */
function checkRestore(
  { hubId, engine, deviceIds, seen = {} }: NewAction,
  reset: ActionStarted | undefined,
): void {
  if (reset?.hubId !== hubId || reset.parameters.kind !== 'factoryReset') throw fault('no-such-reset')
  if (engine === 'job') throw fault('restore-by-job')
  if (deviceIds.some((deviceId) => !Object.hasOwn(seen, deviceId))) throw fault('restore-unseen')
}

/** Whoever wipes devices has counted them, and knows where they are. */
function checkConfirmation({ confirmation }: NewAction, devices: number, hubName: string): void {
  if (confirmation?.count === devices && confirmation.hubName === hubName) return
  throw fault('not-confirmed', { devices })
}

/** Errors: `invalid-input` that names the `policy`. */
export function checkPolicy(policy: Policy | undefined, now: Date): void {
  if (!policy) return
  const { offline, window } = policy
  if (offline.mode === 'wait' && Date.parse(offline.deliverBy) <= now.getTime()) throw fault('patience-over')
  if (window && !isTimeZone(window.timeZone))
    throw fault('time-zone-unknown', { name: JSON.stringify(window.timeZone) })
}

/** The policy for a new attempt: devices that were waited for get as much time again. */
export function renewedPolicy(policy: Policy, startedAt: string, now: Date): Policy {
  const { offline } = policy
  if (offline.mode !== 'wait') return policy
  const patienceMs = Date.parse(offline.deliverBy) - Date.parse(startedAt)
  return {
    ...policy,
    offline: { mode: 'wait', deliverBy: new Date(now.getTime() + patienceMs).toISOString() },
  }
}
