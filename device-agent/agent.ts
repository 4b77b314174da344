import { methodNames } from '../contract/device/method.ts'
import type { AgentReport } from '../contract/device/reported.ts'
import { answerStatus } from '../contract/device/answer.ts'
import { awaitReboot, reboot, type RebootParts } from './actions/reboot.ts'
import type { AcceptedAction } from './domain/agent-state.ts'
import { decideAtStart, type BootDecision } from './domain/boot-decision.ts'
import { decideReboot, type MethodAnswer } from './domain/method-decision.ts'
import { readRebootRequest } from './domain/reboot-request.ts'
import { stayConnected } from './hub-link.ts'
import { openLedger } from './ledger.ts'
import type { Clock } from './ports/clock.ts'
import type { ConnectToHub } from './ports/hub-connection.ts'
import type { Log } from './ports/log.ts'
import type { Machine } from './ports/machine.ts'
import type { StateStore } from './ports/state-store.ts'
import type { AgentSettings } from './settings.ts'
import { updateLock } from './update-lock.ts'
import { agentVersion } from './version.ts'

export interface AgentParts {
  readonly connect: ConnectToHub
  readonly machine: Machine
  readonly store: StateStore
  readonly clock: Clock
  readonly log: Log
  readonly settings: AgentSettings
  /** Gives 0 up to 1. */
  readonly random: () => number
  readonly newActionId: () => string
  /** Why the device itself forbids destructive actions now; it never does where this is absent. */
  readonly lockedBy?: () => Promise<string | undefined>
}

/**
 * The agent from one start of the machine, or of its process, to the abort of `signal`: it judges what it finds,
 * carries on with what it promised, and stays connected for ever. Rejects when its record cannot be read or written:
 * whoever starts it again gives it another try.
 */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const { machine, clock, log, settings } = parts
  const [ledger, agent] = await Promise.all([openLedger(parts.store), describeAgent(machine)])
  const { bootId } = agent
  log('started', { version: agent.version, bootId, platform: machine.platform })

  const crash = new AbortController()
  const life = AbortSignal.any([signal, crash.signal])
  const run = (job: Promise<void>) => {
    job.catch((error: unknown) => {
      crash.abort(error)
    })
  }
  const lock = updateLock(parts.lockedBy ?? (() => Promise.resolve(undefined)))
  const work: RebootParts = { ledger, machine, bootId, clock, log, settings, lock }
  const start = (action: AcceptedAction) => {
    run(reboot(work, action, life))
  }
  const found = await judgeRecord(work)
  run(resume(work, found, life))
  const handlers = new Map([
    [methodNames.reboot, (payload: unknown) => answerReboot(parts, work, { payload, start })],
  ])
  await stayConnected({ ...parts, ledger, agent, handlers, updateLock: lock }, life)
  await ledger.close()
  if (!signal.aborted) throw crash.signal.reason
}

/** Durable before the first connection, so that what was found and who found it travel in one patch. */
async function judgeRecord({ ledger, clock, bootId, log }: RebootParts): Promise<BootDecision> {
  const { decision } = await ledger.change((state) => {
    const decision = decideAtStart(state, { now: clock.now(), bootId })
    return { decision, ...(decision.kind === 'finished' && { next: decision.next }) }
  })
  log('found', { record: decision.kind })
  return decision
}

async function resume(work: RebootParts, found: BootDecision, signal: AbortSignal): Promise<void> {
  if (found.kind === 'carry-on') await reboot(work, found.action, signal)
  if (found.kind === 'wait') await awaitReboot(work, found.action, signal)
}

interface RebootCall {
  readonly payload: unknown
  readonly start: (action: AcceptedAction) => void
}

/** The record is durable before the answer is known to anyone. */
async function answerReboot(parts: AgentParts, work: RebootParts, call: RebootCall): Promise<MethodAnswer> {
  const request = readRebootRequest(call.payload)
  const { machine, clock, newActionId, log } = parts
  const locked = await work.lock.current()
  try {
    const { answer, next } = await work.ledger.change((state) =>
      decideReboot(state, request, {
        now: clock.now(),
        bootId: work.bootId,
        refusal: machine.refusal,
        locked,
        newActionId,
      }),
    )
    log('answered', { method: 'reboot', status: answer.status, accepted: next !== undefined })
    if (next?.running?.state === 'accepted') call.start(next.running)
    return answer
  } catch (error) {
    log('not-stored', { problem: error instanceof Error ? error.message : String(error) })
    const reason = 'the device cannot store the request; nothing was done'
    return { status: answerStatus.locked, payload: { state: 'refused', reason } }
  }
}

async function describeAgent(machine: Machine): Promise<AgentReport> {
  const [bootId, bootedAt, firmwareVersion] = await Promise.all([
    machine.bootId(),
    machine.bootedAt(),
    machine.firmwareVersion(),
  ])
  const actions = machine.refusal === undefined ? [methodNames.reboot] : []
  return {
    version: agentVersion,
    ...{ bootId, bootedAt: bootedAt.toISOString(), firmwareVersion, platform: machine.platform },
    ...{ actions, keepsOnReset: [] },
  }
}
