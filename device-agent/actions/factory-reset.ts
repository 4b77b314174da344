import { z } from 'zod'
import { answerStatus } from '../../contract/device/answer.ts'
import { FactoryResetPayload } from '../../contract/device/factory-reset.ts'
import { methodNames } from '../../contract/device/method.ts'
import type { Outcome } from '../domain/agent-state.ts'
import { timesOf } from '../domain/envelope.ts'
import { refuse, type ActionCall, type MethodAnswer } from '../domain/method-decision.ts'
import { decodePayload, invalidCall } from '../domain/payload.ts'
import { messageOf } from '../message-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { FactoryReset, Machine } from '../ports/machine.ts'
import { newNonces, nonceSeconds, type Nonces } from '../nonces.ts'
import { defineAction, type Action, type ActionContext, type Running } from './action.ts'
import { awaitReboot, Rebooting, rebootNow, rebootProof } from './reboot-order.ts'

const ResetRequest = z.object({ phase: z.enum(['arm', 'execute']), nonce: z.string().exactOptional() })
type ResetRequest = z.infer<typeof ResetRequest>

/** While it wipes, each start of the agent wipes what is left; then it reboots once. */
const Resetting = z.discriminatedUnion('state', [z.object({ state: z.literal('wiping') }), Rebooting])
type Resetting = z.infer<typeof Resetting>

export interface ResetParts {
  readonly machine: Pick<Machine, 'refusal' | 'reset'>
  readonly clock: Pick<Clock, 'uptime'>
}

/** Wipes what is configured and reboots; the system that comes up reports it, under the same action id. */
export function factoryResetAction({ machine, clock }: ResetParts): Action {
  const nonces = newNonces(clock)
  return defineAction<ResetRequest, Resetting>({
    name: methodNames.factoryReset,
    isDestructive: true,
    request: ResetRequest,
    step: Resetting,
    refusal: () =>
      machine.refusal ?? (machine.reset ? undefined : 'no factory reset is set up on this device'),
    read: readResetCall,
    admit: (request, actionId) => Promise.resolve(admit(request, { actionId, reset: machine.reset, nonces })),
    judge: ({ step, bootIdBefore }, { bootId }) =>
      step?.state === 'rebooting' ? rebootProof(bootIdBefore, bootId) : undefined,
    run,
    describe: () => ({ kept: [...(machine.reset?.keeps ?? [])] }),
  })
}

/** Both phases are one action: only the nonce, which says nothing of what is asked for, differs. */
function readResetCall(payload: unknown): ActionCall<ResetRequest> {
  const value = decodePayload(payload)
  const parsed = FactoryResetPayload.safeParse(value)
  if (!parsed.success) return invalidCall(value, parsed.error)
  const { actionId, phase } = parsed.data
  const request = parsed.data.phase === 'execute' ? { phase, nonce: parsed.data.nonce } : { phase }
  return { kind: 'wanted', actionId, parameters: '', request, ...timesOf(parsed.data) }
}

interface Admission {
  readonly actionId: string | undefined
  readonly reset: FactoryReset | undefined
  readonly nonces: Nonces
}

function admit(
  { phase, nonce }: ResetRequest,
  { actionId = '', reset, nonces }: Admission,
): MethodAnswer | undefined {
  if (reset === undefined) return undefined
  const { wipes, keeps, willReturn } = reset
  const subject = JSON.stringify([actionId, wipes, keeps])
  if (phase === 'arm') {
    const armed = { nonce: nonces.make(subject), validSeconds: nonceSeconds }
    return {
      status: answerStatus.alreadyDone,
      payload: { actionId, state: 'armed', ...armed, wipes: [...wipes], keeps: [...keeps], willReturn },
    }
  }
  if (nonce !== undefined && nonces.isValid(nonce, subject)) return undefined
  const reason = 'the nonce is not valid, or not any more: arm again'
  return refuse(answerStatus.expired, actionId, reason).answer
}

async function run(
  { actionId, step }: Running<ResetRequest, Resetting>,
  context: ActionContext<Resetting>,
): Promise<Outcome> {
  const reason = `factory reset through the IoT hub, action ${actionId}`
  if (step?.state === 'rebooting') return afterWipe(await awaitReboot(step, reason, context))
  if (step === undefined) await context.advance({ state: 'wiping' })
  context.log('wiping')
  try {
    await context.machine.reset?.wipe()
  } catch (error) {
    return { status: 'failed', error: { code: 'wipe-failed', message: messageOf(error) } }
  }
  // A reset that was wiped by an agent that is ending is carried on with by the next one.
  context.signal.throwIfAborted()
  return afterWipe(await rebootNow(reason, context))
}

function afterWipe(outcome: Outcome): Outcome {
  const { error } = outcome
  return error === undefined
    ? outcome
    : { ...outcome, error: { ...error, message: `wiped, but ${error.message}` } }
}
