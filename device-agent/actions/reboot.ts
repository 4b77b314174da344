import { methodNames } from '../../contract/device/method.ts'
import type { Outcome } from '../domain/agent-state.ts'
import type { Machine } from '../ports/machine.ts'
import { defineAction, type Action, type ActionContext, type Running } from './action.ts'
import { awaitReboot, Rebooting, rebootNow, rebootProof } from './reboot-order.ts'
import { readRebootCall, RebootRequest } from './reboot-request.ts'

/** Reboots the machine. Normally the machine is gone before `run` returns, and the next start proves it. */
export function rebootAction(machine: Pick<Machine, 'refusal'>): Action {
  return defineAction<RebootRequest, Rebooting>({
    name: methodNames.reboot,
    isDestructive: true,
    request: RebootRequest,
    step: Rebooting,
    refusal: () => machine.refusal,
    read: readRebootCall,
    judge: ({ step, bootIdBefore }, { bootId }) => step && rebootProof(bootIdBefore, bootId),
    run,
    describe: ({ status, endedAt, bootIdBefore, bootIdAfter }) => ({
      ...{ bootIdBefore, bootIdAfter },
      // A failed reboot leaves the time of the last one that happened.
      ...(status === 'completed' && { lastReboot: new Date(endedAt).toISOString() }),
    }),
  })
}

function run(
  { actionId, request, step }: Running<RebootRequest, Rebooting>,
  context: ActionContext<Rebooting>,
): Promise<Outcome> {
  const reason = request.reason ?? `requested through the IoT hub, action ${actionId}`
  return step === undefined ? rebootNow(reason, context) : awaitReboot(step, reason, context)
}
