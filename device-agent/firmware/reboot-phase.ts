import { rebootProof } from '../actions/reboot-order.ts'
import { remainingMs } from '../domain/validity.ts'
import { messageOf } from '../message-of.ts'
import type { StepOf } from './update-step.ts'
import { problem, type UpdateWork } from './update-work.ts'
import type { FirmwareProblem } from './problem.ts'

type Reboot = StepOf<'switch'> | StepOf<'return'>

export function rebootOrder({ context }: UpdateWork): Pick<Reboot, 'bootId' | 'orderedUptime' | 'isForced'> {
  return { bootId: context.bootId, orderedUptime: context.clock.uptime(), isForced: false }
}

/**
 * Orders the reboot of a durable step, and waits for the power to go: normally this never returns, and the next start
 * finds another boot id. Resolves with `rebooted` when it has, with the same step to be forced, or with the problem.
 */
export async function performReboot<Step extends Reboot>(
  step: Step,
  work: UpdateWork,
): Promise<'rebooted' | Step | FirmwareProblem> {
  const { machine, clock, settings, signal, bootId } = work.context
  const proof = rebootProof(step.bootId, bootId)
  if (proof !== undefined)
    return proof.error === undefined ? 'rebooted' : problem('did-not-reboot', proof.error.message)
  try {
    await order(step.isForced, work)
  } catch (error) {
    return problem('did-not-reboot', messageOf(error))
  }
  const patienceMs = step.isForced ? settings.forcePatienceMs : settings.rebootPatienceMs
  await clock.sleep(remainingMs(patienceMs, step.orderedUptime, clock.uptime()), signal)
  return step.isForced || machine.forceReboot === undefined
    ? problem('did-not-reboot', 'the machine did not go down')
    : { ...step, isForced: true, orderedUptime: clock.uptime() }
}

async function order(isForced: boolean, { context: { machine }, action }: UpdateWork): Promise<void> {
  const reason = `firmware update, action ${action.actionId}`
  if (isForced && machine.forceReboot !== undefined) await machine.forceReboot(reason)
  else await machine.reboot(reason)
}
