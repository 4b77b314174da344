import { answerStatus } from '../../contract/device/answer.ts'
import type { FirmwareStatus } from '../../contract/device/firmware.ts'
import { methodNames } from '../../contract/device/method.ts'
import type { FinishedAction, Outcome } from '../domain/agent-state.ts'
import type { MethodAnswer } from '../domain/method-decision.ts'
import type { FirmwareParts } from '../firmware/firmware-parts.ts'
import { FirmwareRequest } from '../firmware/plan.ts'
import type { FirmwareProblem } from '../firmware/problem.ts'
import { mayBeReleased } from '../firmware/release.ts'
import { beginUpdate, performPhase } from '../firmware/update-phases.ts'
import { UpdateStep } from '../firmware/update-step.ts'
import { cancelled } from '../performer.ts'
import { defineAction, type Action, type ActionContext, type Running } from './action.ts'
import { readFirmwareCall } from './firmware-request.ts'

type Update = Running<FirmwareRequest, UpdateStep>

/** Installs new firmware, and takes it back unless the device is well with it. */
export function firmwareUpdateAction(parts: FirmwareParts): Action {
  return defineAction<FirmwareRequest, UpdateStep>({
    name: methodNames.firmwareUpdate,
    isDestructive: true,
    request: FirmwareRequest,
    step: UpdateStep,
    // Nothing of it depends on the boot in which it was accepted.
    survivesRestart: true,
    refusal: () => parts.refusal,
    read: readFirmwareCall,
    admit: async (request, actionId) => {
      const judged = await parts.judge(request)
      if (judged.plan !== undefined || mayBeReleased(request, judged.problem)) return undefined
      return refusalOf(judged.problem, actionId)
    },
    whyNotCancel: ({ step }) =>
      step === undefined || step.phase === 'download' || step.phase === 'verify'
        ? undefined
        : 'the installation has begun: it is finished, or taken back by itself',
    run: (action, context) => runUpdate(parts, action, context),
    describe: (finished) => ({
      status: statusOf(finished),
      // As in the tutorial. A failed update leaves the time of the last one that was committed.
      ...(finished.status === 'completed' && {
        lastFirmwareUpdate: new Date(finished.endedAt).toISOString(),
      }),
    }),
  })
}

/** From step to step, each durable before it is begun. */
async function runUpdate(
  parts: FirmwareParts,
  action: Update,
  context: ActionContext<UpdateStep>,
): Promise<Outcome> {
  const work = { action, context, parts }
  try {
    let step = action.step
    let isResumed = step !== undefined
    for (;;) {
      const next =
        step === undefined
          ? await beginUpdate({ ...work, isResumed })
          : await performPhase(step, { ...work, isResumed })
      if (!('phase' in next)) return await end(parts, next)
      await context.advance(next)
      context.log('firmware', { actionId: action.actionId, phase: next.phase })
      step = next
      isResumed = false
    }
  } catch (error) {
    if (context.signal.reason === cancelled) await parts.packages.discard()
    throw error
  }
}

async function end({ packages }: FirmwareParts, outcome: Outcome): Promise<Outcome> {
  await packages.discard()
  return outcome
}

/** A caller that names no action knows no states either: it is told in one text, as by the tutorial's device. */
function refusalOf({ code, message }: FirmwareProblem, actionId: string | undefined): MethodAnswer {
  const status = code === 'expired' ? answerStatus.expired : answerStatus.invalid
  if (actionId === undefined) return { status, payload: message }
  const reason = `${code}: ${message}`
  return { status, payload: { actionId, state: 'refused', reason } }
}

/** Of an action that ended before its own code could say how. */
function statusOf({ status }: FinishedAction): FirmwareStatus {
  if (status === 'cancelled') return 'cancelled'
  return status === 'completed' ? 'applyComplete' : 'downloadFailed'
}
