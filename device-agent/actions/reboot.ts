import {
  begin,
  finish,
  type AcceptedAction,
  type FinishedAction,
  type RebootingAction,
} from '../domain/agent-state.ts'
import { isTooLate, tooLate } from '../domain/boot-decision.ts'
import type { Ledger } from '../ledger.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Machine } from '../ports/machine.ts'
import type { AgentSettings } from '../settings.ts'
import type { UpdateLock } from '../update-lock.ts'

export interface RebootParts {
  readonly ledger: Ledger
  readonly machine: Machine
  readonly bootId: string
  readonly clock: Clock
  readonly log: Log
  readonly settings: Pick<AgentSettings, 'settleMs' | 'rebootPatienceMs'>
  readonly lock: UpdateLock
}

/**
 * Reboots the machine for an accepted action. Normally the machine is gone before this returns, and the next start
 * proves it; a return means that the reboot failed. Rejects when aborted.
 */
export async function reboot(parts: RebootParts, action: AcceptedAction, signal: AbortSignal): Promise<void> {
  const { clock, settings, ledger, machine, log } = parts
  await clock.sleep(
    settings.settleMs + remaining(action.dueAt, action.dueAt - action.acceptedAt, clock),
    signal,
  )
  if (isTooLate(action, clock.now())) {
    await fail(parts, { code: 'interrupted', message: tooLate })
    return
  }
  // Accepted before, but nothing has begun: a lock that was set meanwhile still stops it.
  const locked = await parts.lock.known()
  if (locked !== undefined) {
    await fail(parts, { code: 'interrupted', message: `locked by the device: ${locked}` })
    return
  }
  const begun = await ledger.change((state) => {
    const now = clock.now()
    return { next: begin(state, action, { now, deadline: now + settings.rebootPatienceMs }) }
  })
  signal.throwIfAborted()
  log('rebooting', { actionId: action.actionId })
  try {
    await machine.reboot(action.reason ?? `requested through the IoT hub, action ${action.actionId}`)
  } catch (error) {
    await fail(parts, { code: 'command-failed', message: messageOf(error) })
    return
  }
  if (begun.next.running?.state === 'rebooting') await awaitReboot(parts, begun.next.running, signal)
}

/** Waits for the machine to go down; when it has not by the deadline, the action failed. Rejects when aborted. */
export async function awaitReboot(
  parts: RebootParts,
  action: RebootingAction,
  signal: AbortSignal,
): Promise<void> {
  const { clock, settings } = parts
  await clock.sleep(remaining(action.deadline, settings.rebootPatienceMs, clock), signal)
  await fail(parts, { code: 'did-not-reboot', message: 'the machine did not go down' })
}

async function fail(parts: RebootParts, error: NonNullable<FinishedAction['error']>): Promise<void> {
  const { ledger, clock, bootId, log } = parts
  await ledger.change((state) => {
    if (state.running === undefined) return {}
    log('reboot-failed', { actionId: state.running.actionId, code: error.code })
    return { next: finish(state, state.running, { now: clock.now(), bootId, error }) }
  })
}

/** A clock that was set meanwhile neither shortens the wait below nothing nor stretches it beyond its length. */
function remaining(until: number, longest: number, clock: Clock): number {
  return Math.min(Math.max(until - clock.now(), 0), longest)
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 256)
}
