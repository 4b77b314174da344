import { z } from 'zod'
import type { Outcome } from '../domain/agent-state.ts'
import { unknownBootId } from '../domain/boot-decision.ts'
import { remainingMs } from '../domain/validity.ts'
import { messageOf } from '../message-of.ts'
import type { ActionContext } from './action.ts'

/** The order is being given or was: whoever still sees the same boot id when the patience is over did not reboot. */
export const Rebooting = z.object({
  state: z.literal('rebooting'),
  orderedUptime: z.number().nonnegative(),
  /** Whether the machine was still up when the first patience was over, and was ordered once more, by force. */
  isForced: z.boolean(),
})
export type Rebooting = z.infer<typeof Rebooting>

type Context = ActionContext<Rebooting>

/** Makes the step durable, orders the reboot and waits for it: a return means that it failed. Rejects when aborted. */
export async function rebootNow(reason: string, context: Context): Promise<Outcome> {
  const step = orderedNow(context, false)
  await context.advance(step)
  context.log('rebooting')
  try {
    await context.machine.reboot(reason)
  } catch (error) {
    return failed('command-failed', messageOf(error))
  }
  return awaitReboot(step, reason, context)
}

/** Waits for the machine to go down, and helps once by force where the machine can. Rejects when aborted. */
export async function awaitReboot(step: Rebooting, reason: string, context: Context): Promise<Outcome> {
  const { clock, settings, machine, log, signal } = context
  const patienceMs = step.isForced ? settings.forcePatienceMs : settings.rebootPatienceMs
  await clock.sleep(remainingMs(patienceMs, step.orderedUptime, clock.uptime()), signal)
  if (step.isForced || machine.forceReboot === undefined) {
    return failed('did-not-reboot', 'the machine did not go down')
  }
  const forced = orderedNow(context, true)
  await context.advance(forced)
  log('forcing-reboot')
  try {
    await machine.forceReboot(reason)
  } catch (error) {
    return failed('did-not-reboot', `the machine did not go down, nor by force: ${messageOf(error)}`)
  }
  return awaitReboot(forced, reason, context)
}

/** What a start of the agent proves of a reboot that was ordered; undefined while only the time can tell. */
export function rebootProof(bootIdBefore: string, bootId: string): Outcome | undefined {
  if ([bootIdBefore, bootId].includes(unknownBootId)) {
    return failed('unprovable', 'the machine has no boot id that could be read')
  }
  return bootIdBefore === bootId ? undefined : { status: 'completed' }
}

function orderedNow({ clock }: Context, isForced: boolean): Rebooting {
  return { state: 'rebooting', orderedUptime: clock.uptime(), isForced }
}

function failed(code: string, message: string): Outcome {
  return { status: 'failed', error: { code, message } }
}
