import type { AgentReport } from '../contract/device/reported.ts'
import type { Bell } from './bell.ts'
import { withDeadline } from './deadline.ts'
import { backoffMs } from './domain/backoff.ts'
import { acknowledge, type FinishedAction, type JsonObject } from './domain/agent-state.ts'
import { firmwareVersionOf } from './domain/firmware-version.ts'
import { outstandingReport, viewTwin, type TwinView } from './domain/report.ts'
import type { HubPresence } from './hub-presence.ts'
import type { Ledger } from './ledger.ts'
import type { Clock } from './ports/clock.ts'
import { HubRefusal, type HubConnection } from './ports/hub-connection.ts'
import type { Log } from './ports/log.ts'
import type { ProgressBoard } from './progress-board.ts'
import type { AgentSettings } from './settings.ts'
import type { UpdateLock } from './update-lock.ts'

export interface OutboxParts {
  readonly ledger: Ledger
  /** Rings when there may be something to report. */
  readonly bell: Bell
  readonly board: ProgressBoard
  readonly agent: AgentReport
  readonly describe: (action: FinishedAction) => JsonObject
  readonly updateLock: Pick<UpdateLock, 'learn' | 'known'>
  readonly presence: HubPresence
  readonly clock: Clock
  readonly log: Log
  readonly settings: Pick<AgentSettings, 'hubDeadlineMs' | 'progressIntervalMs' | 'lockPollMs' | 'backoff'>
  readonly random: () => number
}

/** The twin is read at every connect, and from then on lacks nothing that is true. Never resolves. */
export async function keepTwinTrue(
  parts: OutboxParts,
  connection: HubConnection,
  signal: AbortSignal,
): Promise<never> {
  const { updateLock, clock, settings, log, presence } = parts
  const learn = (desired: unknown): void => {
    // A record that cannot be written shows again at the next change, which has someone who waits for it.
    updateLock.learn(desired).then(parts.bell.ring, (error: unknown) => {
      log('not-stored', { problem: String(error) })
    })
  }
  connection.watchDesired(learn)
  const deadline = { clock, timeoutMs: settings.hubDeadlineMs, what: 'get twin' }
  const { reported, desired } = await withDeadline(connection.readTwin(), deadline)
  await updateLock.learn(desired)
  // The subscriptions to methods went out before: a hub that has answered this knows them.
  log('connected')
  presence.enter()
  ringRegularly(parts, signal)
  return deliver(parts, { connection, signal }, viewTwin(reported))
}

interface Line {
  readonly connection: HubConnection
  readonly signal: AbortSignal
}

async function deliver(parts: OutboxParts, line: Line, twinAtFirst: TwinView): Promise<never> {
  const { ledger, bell, log } = parts
  const pacer = progressPacer(parts, line.signal)
  let twin = twinAtFirst
  let refusals = 0
  for (;;) {
    const rung = bell.rung()
    const truth = { ...parts, state: ledger.state, agent: await currentAgent(parts), progress: pacer.due() }
    const { patch, proves, after } = outstandingReport(truth, twin)
    if (patch !== undefined) {
      const isTaken = await report(parts, line, { patch, refusals })
      refusals = isTaken ? 0 : refusals + 1
      // What is true may have changed meanwhile.
      if (!isTaken) continue
      log('reported', proves.length === 0 ? {} : { actionId: proves.join(' ') })
      twin = after
    }
    if (proves.length > 0) await ledger.change((state) => ({ next: acknowledge(state, proves) }))
    else if (patch === undefined) await rung
  }
}

/** A connection on which nothing is taken any more is given up. */
const mostRefusals = 8

/**
 * Returns whether the hub took the patch. A hub at its limit refuses, most of all after a fleet has restarted: then the
 * agent waits on its connection, for connecting anew would cost that hub a connection and a twin more.
 */
async function report(
  { clock, settings, random, log }: OutboxParts,
  { connection, signal }: Line,
  { patch, refusals }: { readonly patch: object; readonly refusals: number },
): Promise<boolean> {
  const deadline = { clock, timeoutMs: settings.hubDeadlineMs, what: 'report' }
  try {
    await withDeadline(connection.report(patch), deadline)
    return true
  } catch (error) {
    if (!(error instanceof HubRefusal) || refusals >= mostRefusals) throw error
    const waitMs = backoffMs(refusals, settings.backoff, random)
    log('report-refused', { problem: error.message, waitMs })
    await clock.sleep(waitMs, signal)
    return false
  }
}

async function currentAgent({ agent, updateLock, ledger }: OutboxParts): Promise<AgentReport> {
  const locked = await updateLock.known()
  const { unexpectedReboots } = ledger.state
  const firmwareVersion = firmwareVersionOf(ledger.state, agent.firmwareVersion ?? '')
  return {
    ...{ ...agent, unexpectedReboots },
    ...(firmwareVersion !== '' && { firmwareVersion }),
    ...(locked !== undefined && { updateLock: locked }),
  }
}

/** Lets progress through once in an interval, and has the bell rung when the next may go. */
function progressPacer({ ledger, board, bell, clock, settings }: OutboxParts, signal: AbortSignal) {
  let last: { readonly actionId: string; readonly fields: JsonObject } | undefined
  let waitsUntil = -Infinity
  return {
    /** What the twin shows already stays due until something newer is. */
    due(): JsonObject | undefined {
      const actionId = ledger.state.running?.actionId
      const fields = actionId === undefined ? undefined : board.of(actionId)
      if (actionId === undefined || fields === undefined) return undefined
      const held = last?.actionId === actionId ? last.fields : undefined
      if (fields === held || clock.uptime() < waitsUntil) return held
      waitsUntil = clock.uptime() + settings.progressIntervalMs
      clock.sleep(settings.progressIntervalMs, signal).then(bell.ring, () => undefined)
      last = { actionId, fields }
      return fields
    },
  }
}

/** A lock file comes and goes without a word. */
function ringRegularly({ clock, settings, bell }: OutboxParts, signal: AbortSignal): void {
  const next = (): void => {
    clock.sleep(settings.lockPollMs, signal).then(
      () => {
        bell.ring()
        next()
      },
      () => undefined,
    )
  }
  next()
}
