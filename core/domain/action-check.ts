import type { NewAction } from '../../contract/app/action.ts'
import type { Policy } from '../../contract/app/policy.ts'
import { AppError } from '../../contract/errors.ts'
import { isTimeZone } from './maintenance-window.ts'
import { blastRadius } from './warnings.ts'

/** What an action is compared with before it may start. */
export interface Surroundings {
  readonly hubName: string
  readonly now: Date
}

/**
 * Refuses an action that nobody can have meant. Errors: `invalid-input` that names `policy`, `startAt` or
 * `confirmation`; `conflict` for more devices than the blast radius allows.
 */
export function checkAction(action: NewAction, { hubName, now }: Surroundings): void {
  const devices = new Set(action.deviceIds).size
  checkPolicy(action.policy, now)
  const cap = blastRadius(action.parameters.kind, action.policy)
  if (cap !== undefined && devices > cap) {
    throw new AppError(
      'conflict',
      `${devices} devices are more than the ${cap} that may be touched at once.`,
      {
        nextStep: 'Choose fewer devices, or raise the limit in the policy.',
      },
    )
  }
  if (action.startAt !== undefined && action.engine !== 'job')
    throw wrong('startAt', 'Only a job of the hub can begin later.')
  if (action.parameters.kind === 'factoryReset') checkConfirmation(action, devices, hubName)
}

/** Whoever wipes devices has counted them, and knows where they are. */
function checkConfirmation({ confirmation }: NewAction, devices: number, hubName: string): void {
  if (confirmation?.count === devices && confirmation.hubName === hubName) return
  throw new AppError('invalid-input', 'The count and the name of the hub do not match.', {
    field: 'confirmation',
    nextStep: `Type ${devices} and the name of the hub, as they are shown.`,
  })
}

/** Errors: `invalid-input` that names the `policy`. */
export function checkPolicy(policy: Policy | undefined, now: Date): void {
  if (!policy) return
  const { offline, window } = policy
  if (offline.mode === 'wait' && Date.parse(offline.deliverBy) <= now.getTime())
    throw wrong('policy', 'The time until which offline devices are waited for is over.')
  if (window && !isTimeZone(window.timeZone))
    throw wrong('policy', `There is no time zone ${JSON.stringify(window.timeZone)}.`)
}

function wrong(field: string, message: string): AppError {
  return new AppError('invalid-input', message, { field, nextStep: 'Correct it, then try again.' })
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
