import type { Outcome } from '../domain/agent-state.ts'
import { awaitHealth } from './health.ts'
import { problemOf } from './problem.ts'
import { mayBeReleased } from './release.ts'
import { performReboot, rebootOrder } from './reboot-phase.ts'
import { rollBack, returnToOld } from './rollback-phases.ts'
import type { Phase, StepOf, UpdateStep } from './update-step.ts'
import {
  askAgain,
  askModule,
  failed,
  problem,
  progressOf,
  show,
  succeeded,
  type UpdateWork,
} from './update-work.ts'

type Phases = {
  readonly [Name in Phase]: (step: StepOf<Name>, work: UpdateWork) => Promise<UpdateStep | Outcome>
}

/** What is done in each phase, and what comes after it. Each may be begun again after any interruption. */
const phases: Phases = {
  download,
  verify,
  install,
  switch: switchOver,
  trial,
  commit,
  rollback: rollBack,
  return: returnToOld,
}

/** Does one phase. Resolves with the next step, which must be durable before it is begun, or with the end. */
export function performPhase<Name extends Phase>(
  step: StepOf<Name>,
  work: UpdateWork,
): Promise<UpdateStep | Outcome> {
  const perform: (step: StepOf<Name>, work: UpdateWork) => Promise<UpdateStep | Outcome> = phases[step.phase]
  return perform(step, work)
}

/** Judged once more than in the answer: the call may have waited for hours. */
export async function beginUpdate(work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { request } = work.action
  const judged = await work.parts.judge(request)
  if (judged.plan !== undefined) return { phase: 'download', state: 'downloading', plan: judged.plan }
  if (mayBeReleased(request, judged.problem)) return beginReleased(request.fwPackageUri, work)
  return failed('downloadFailed', judged.problem)
}

/** What a call does not say, a signed release beside the package does: it is judged as if it had come with the call. */
async function beginReleased(address: string, work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { bootId, signal } = work.context
  show(work, { address }, { status: 'waiting' })
  try {
    const release = await work.parts.packages.findRelease(address, { bootId, signal })
    const judged = await work.parts.judge(release)
    if (judged.plan === undefined) return failed('downloadFailed', judged.problem, { address })
    return { phase: 'download', state: 'downloading', plan: judged.plan, release }
  } catch (error) {
    signal.throwIfAborted()
    return failed('downloadFailed', problemOf(error, 'download-failed'), { address })
  }
}

async function download(step: StepOf<'download'>, work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { plan } = step
  const { bootId, signal } = work.context
  const onProgress = progressOf(work, plan, 'downloading')
  onProgress(0)
  try {
    await work.parts.packages.fetch(plan, { bootId, signal, onProgress })
  } catch (error) {
    signal.throwIfAborted()
    return failed('downloadFailed', problemOf(error, 'download-failed'), plan)
  }
  show(work, plan, { status: 'downloadComplete', progress: 100 })
  return { ...step, phase: 'verify', state: 'verifying' }
}

/** The last moment at which nothing has happened yet: all that was true at the call must still be. */
async function verify(step: StepOf<'verify'>, work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { plan, release } = step
  const { parts, action, context } = work
  show(work, plan, { status: 'verifying' })
  const judged = await parts.judge(release ?? action.request)
  if (judged.plan === undefined) return failed('applyFailed', judged.problem, plan)
  try {
    await parts.packages.verify(plan)
  } catch (error) {
    context.signal.throwIfAborted()
    return failed('downloadFailed', problemOf(error, 'wrong-hash'), plan)
  }
  const found = await askModule(work, plan, { verb: 'probe' })
  if (found.kind !== 'done') return failed('applyFailed', problem('no-module', found.reason), plan)
  if (found.needsReboot && context.machine.refusal !== undefined)
    return failed('applyFailed', problem('did-not-reboot', context.machine.refusal), plan)
  const locked = await context.lockedBy()
  if (locked !== undefined)
    return failed('applyFailed', problem('locked', `locked by the device: ${locked}`), plan)
  const { needsReboot, version } = found
  const before = version === undefined ? {} : { versionBefore: version }
  return { ...step, phase: 'install', state: 'applying', needsReboot, ...before }
}

async function install(step: StepOf<'install'>, work: UpdateWork): Promise<UpdateStep> {
  const { plan } = step
  const onProgress = progressOf(work, plan, 'applying')
  onProgress(0)
  const result = await askModule(work, plan, { verb: 'install', onProgress })
  if (result.kind !== 'done') {
    const reason = problem('install-failed', result.reason)
    return { ...step, phase: 'rollback', problem: reason, wasStarted: false }
  }
  return step.needsReboot
    ? { ...step, phase: 'switch', state: 'rebooting', ...rebootOrder(work) }
    : newTrial(step, work)
}

async function switchOver(step: StepOf<'switch'>, work: UpdateWork): Promise<UpdateStep> {
  show(work, step.plan, { status: 'rebooting' })
  const result = await performReboot(step, work)
  if (result === 'rebooted') return newTrial(step, work)
  if ('phase' in result) return result
  return { ...step, phase: 'rollback', state: 'applying', problem: result, wasStarted: false }
}

function newTrial(
  step: StepOf<'install'> | StepOf<'switch'>,
  { context, parts }: UpdateWork,
): StepOf<'trial'> {
  const untilUptime = context.clock.uptime() + parts.settings.healthMs
  const known = knownOf(step)
  return { phase: 'trial', state: 'testing', ...known, bootId: context.bootId, tries: 1, untilUptime }
}

async function trial(step: StepOf<'trial'>, work: UpdateWork): Promise<UpdateStep> {
  if (work.isResumed) return tryAgain(step, work)
  const { plan } = step
  show(work, plan, { status: step.needsReboot ? 'rebooting' : 'applying' })
  const found = await askModule(work, plan, { verb: 'probe' })
  const version = found.kind === 'done' ? found.version : undefined
  if (version !== undefined && plan.version !== undefined && version !== plan.version)
    return giveUp(
      step,
      problem('wrong-version', `the version ${version} runs, and ${plan.version} was installed`),
    )
  const reason = await awaitHealth(step, work)
  if (reason !== undefined) return giveUp(step, problem('unhealthy', reason))
  return { ...step, phase: 'commit' }
}

/** The agent was started again before the new system was well: whoever is to blame, it may not go on for ever. */
function tryAgain(step: StepOf<'trial'>, { context, parts }: UpdateWork): UpdateStep {
  if (step.tries >= parts.settings.tries)
    return giveUp(step, problem('too-many-tries', `not well after ${step.tries} starts`))
  const isSameBoot = step.bootId === context.bootId
  const untilUptime = isSameBoot ? step.untilUptime : context.clock.uptime() + parts.settings.healthMs
  return { ...step, bootId: context.bootId, tries: step.tries + 1, untilUptime }
}

async function commit(step: StepOf<'commit'>, work: UpdateWork): Promise<UpdateStep | Outcome> {
  const { plan } = step
  const result = await askAgain(work, plan, 'commit')
  if (result.kind !== 'done') return giveUp(step, problem('commit-failed', result.reason))
  if (plan.sequence !== undefined) await work.parts.raiseFloor(plan.sequence)
  return succeeded(plan, await work.context.machine.firmwareVersion())
}

function giveUp(
  step: StepOf<'trial'> | StepOf<'commit'>,
  reason: StepOf<'rollback'>['problem'],
): StepOf<'rollback'> {
  return { phase: 'rollback', state: 'applying', ...knownOf(step), problem: reason, wasStarted: true }
}

type Known = Pick<StepOf<'install'>, 'plan' | 'release' | 'needsReboot' | 'versionBefore'>

/** What every step from the installation on knows. */
function knownOf({ plan, release, needsReboot, versionBefore }: Known): Known {
  return {
    ...{ plan, needsReboot, ...(release !== undefined && { release }) },
    ...(versionBefore !== undefined && { versionBefore }),
  }
}
