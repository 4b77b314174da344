import type { Outcome } from '../domain/agent-state.ts'
import { performReboot, rebootOrder } from './reboot-phase.ts'
import type { StepOf, UpdateStep } from './update-step.ts'
import { askAgain, askModule, failed, problem, show, type UpdateWork } from './update-work.ts'

/** Takes the update back, as often as it needs. Only what the module then says counts as the old system. */
export async function rollBack(step: StepOf<'rollback'>, work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { plan, needsReboot, versionBefore, wasStarted } = step
  show(work, plan, { status: wasStarted ? 'rebooting' : 'applying' })
  const result = await askAgain(work, plan, 'rollback')
  if (result.kind !== 'done') return notReturned(step, result.reason)
  // What never ran as a whole needs no reboot to be gone.
  if (!wasStarted) return ended(step)
  const isOld = await runsOld(step, work)
  if (!needsReboot) return isOld ? ended(step) : notReturned(step, 'the new version still runs')
  // A boot loader that has fallen back by itself has done it already, if the versions can tell.
  if (isOld && versionBefore !== undefined && versionBefore !== plan.version) return ended(step)
  return { ...step, phase: 'return', state: 'rebooting', ...rebootOrder(work) }
}

export async function returnToOld(step: StepOf<'return'>, work: UpdateWork): Promise<UpdateStep | Outcome> {
  show(work, step.plan, { status: 'rebooting' })
  const result = await performReboot(step, work)
  if (result === 'rebooted')
    return (await runsOld(step, work)) ? ended(step) : notReturned(step, 'the new version still runs')
  return 'phase' in result ? result : notReturned(step, result.message)
}

/** False only when the module says otherwise: some cannot tell versions, and the same one may be installed again. */
async function runsOld(
  { plan, versionBefore }: StepOf<'rollback' | 'return'>,
  work: UpdateWork,
): Promise<boolean> {
  if (versionBefore === plan.version) return true
  const found = await askModule(work, plan, { verb: 'probe' })
  return found.kind !== 'done' || found.version === undefined || found.version !== plan.version
}

function ended(step: StepOf<'rollback' | 'return'>): Outcome {
  const wasInstalled = step.problem.code !== 'install-failed'
  return failed(wasInstalled ? 'rolledBack' : 'applyFailed', step.problem, step.plan)
}

function notReturned({ problem: first, plan }: StepOf<'rollback' | 'return'>, reason: string): Outcome {
  const message = `${first.code}: ${first.message}; and the old system could not be brought back: ${reason}`
  return failed('applyFailed', problem('rollback-failed', message), plan)
}
