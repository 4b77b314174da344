import type { FirmwareErrorCode, FirmwareStatus } from '../../contract/device/firmware.ts'
import type { ActionContext, Running } from '../actions/action.ts'
import type { Outcome } from '../domain/agent-state.ts'
import { committedFirmware } from '../domain/firmware-version.ts'
import type { ModuleResult, ModuleVerb } from '../ports/update-module.ts'
import type { FirmwareParts } from './firmware-parts.ts'
import { withoutQuery } from './package-source.ts'
import type { FirmwarePlan, FirmwareRequest } from './plan.ts'
import type { FirmwareProblem } from './problem.ts'
import type { UpdateStep } from './update-step.ts'

/** One update under way, for the phases that work on it. */
export interface UpdateWork {
  readonly action: Running<FirmwareRequest, UpdateStep>
  readonly context: ActionContext<UpdateStep>
  readonly parts: FirmwareParts
  /** Whether the present phase was begun by an earlier start of the agent. */
  readonly isResumed: boolean
}

/** What a report names of an update. */
type Named = Pick<FirmwarePlan, 'address' | 'version'>

const longestMessage = 256

export function failed(status: FirmwareStatus, { code, message }: FirmwareProblem, plan?: Named): Outcome {
  const error = { code, message: message.slice(0, longestMessage).toWellFormed() }
  return { status: 'failed', error, report: { status, ...(plan && describePlan(plan)) } }
}

/** `systemVersion` is what the system calls itself with it. */
export function succeeded(plan: FirmwarePlan, systemVersion: string): Outcome {
  return {
    status: 'completed',
    report: { status: 'applyComplete', progress: 100, ...describePlan(plan) },
    ...(plan.version !== undefined && { memory: committedFirmware(plan.version, systemVersion) }),
  }
}

export function problem(code: FirmwareErrorCode, message: string): FirmwareProblem {
  return { code, message: message.slice(0, longestMessage) }
}

/** Tells the twin, at most once for each five percent. */
export function progressOf(
  work: UpdateWork,
  plan: FirmwarePlan,
  status: FirmwareStatus,
): (percent: number) => void {
  let shown = -5
  return (percent) => {
    if (percent - shown < 5) return
    shown = percent
    show(work, plan, { status, progress: Math.floor(percent) })
  }
}

export function show(
  { context }: UpdateWork,
  plan: Named,
  present: { readonly status: FirmwareStatus; readonly progress?: number },
): void {
  context.show({ ...present, ...describePlan(plan) })
}

export function askModule(
  { action, context, parts }: UpdateWork,
  plan: FirmwarePlan,
  ask: { readonly verb: ModuleVerb; readonly onProgress?: (percent: number) => void },
): Promise<ModuleResult> {
  const isSigned = plan.sequence !== undefined
  const identity = { module: plan.module, actionId: action.actionId, bootId: context.bootId, isSigned }
  const call = { ...ask, ...identity, package: parts.packages.describe(plan) }
  return parts.runModule(call, context.signal)
}

/** As often as the settings say, with a rest in between; the last result counts. */
export async function askAgain(
  work: UpdateWork,
  plan: FirmwarePlan,
  verb: ModuleVerb,
): Promise<ModuleResult> {
  const { tries, retryMs } = work.parts.settings
  for (let attempt = 1; ; attempt += 1) {
    const result = await askModule(work, plan, { verb })
    if (result.kind === 'done' || attempt >= tries) return result
    await work.context.clock.sleep(retryMs, work.context.signal)
  }
}

function describePlan({ address, version }: Named): Readonly<Record<string, string>> {
  return {
    ...(version !== undefined && { fwVersion: version }),
    fwPackageUri: withoutQuery(address).slice(0, longestMessage),
  }
}
