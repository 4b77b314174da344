import type { AgentReport } from '../contract/device/reported.ts'
import type { Action } from './actions/action.ts'
import { factoryResetAction } from './actions/factory-reset.ts'
import { rebootAction } from './actions/reboot.ts'
import { newBell } from './bell.ts'
import { decideAtStart, unknownBootId, type BootDecision } from './domain/boot-decision.ts'
import { stayConnected } from './hub-link.ts'
import { newHubPresence } from './hub-presence.ts'
import { openLedger } from './ledger.ts'
import { messageOf } from './message-of.ts'
import { methodHandlers } from './method-handlers.ts'
import { newPerformer, type PerformerParts } from './performer.ts'
import { moment, type Clock } from './ports/clock.ts'
import type { ConnectToHub } from './ports/hub-connection.ts'
import type { Log } from './ports/log.ts'
import type { Machine } from './ports/machine.ts'
import type { StateStore } from './ports/state-store.ts'
import { newProgressBoard } from './progress-board.ts'
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
  /** What it can do beside rebooting. */
  readonly actions?: readonly Action[]
}

/**
 * The agent from one start of the machine, or of its process, to the abort of `signal`: it judges what it finds,
 * carries on with what it promised, and stays connected for ever. Rejects when its record cannot be read or written:
 * whoever starts it again gives it another try.
 */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts
  const bell = newBell()
  const machine = await knownMachine(parts.machine)
  const [ledger, bootId] = await Promise.all([openLedger(parts.store, bell), machine.bootId()])
  const actions = new Map(
    [rebootAction(machine), factoryResetAction({ machine, clock }), ...(parts.actions ?? [])].map(
      (action) => [action.name, action],
    ),
  )
  const agent = await describeAgent(machine, actions)
  log('started', { version: agent.version, bootId, platform: machine.platform })

  const crash = new AbortController()
  const life = AbortSignal.any([signal, crash.signal])
  const work: PerformerParts = {
    ...{ actions, ledger, machine, bootId, clock, log, settings: parts.settings },
    lock: updateLock(parts.lockedBy ?? (() => Promise.resolve(undefined)), ledger),
    ...{ board: newProgressBoard(bell), hub: newHubPresence() },
  }
  const performer = newPerformer(work, life)
  const start: Parameters<typeof methodHandlers>[0]['start'] = (action) => {
    performer.perform(action).catch((error: unknown) => {
      crash.abort(error)
    })
  }
  const found = await judgeRecord(work)
  if (found.kind === 'carry-on') start(found.action)
  const handlers = methodHandlers({
    ...work,
    newActionId: parts.newActionId,
    start,
    stop: (actionId) => {
      performer.stop(actionId)
    },
  })
  const link = { ...parts, ...work, bell, agent, handlers, updateLock: work.lock, presence: work.hub }
  const describe = describer(actions)
  await stayConnected({ ...link, describe }, life)
  await ledger.close()
  if (!signal.aborted) throw crash.signal.reason
}

/** A machine whose boot id cannot be read works on, but cannot prove a reboot. */
async function knownMachine(machine: Machine): Promise<Machine> {
  try {
    await machine.bootId()
    return machine
  } catch {
    const refusal = machine.refusal ?? 'unprovable: the boot id of this machine cannot be read'
    return { ...machine, refusal, bootId: () => Promise.resolve(unknownBootId) }
  }
}

/** Durable before the first connection, so that what was found and who found it travel in one patch. */
async function judgeRecord({ ledger, clock, bootId, log, actions }: PerformerParts): Promise<BootDecision> {
  const start = { ...moment(clock), bootId }
  const decision = decideAtStart(ledger.state, { start, kindOf: (name) => actions.get(name) })
  log('found', { record: decision.kind })
  const written = ledger.change(() => ({ next: decision.next }))
  await written.catch((error: unknown) => {
    if (decision.kind === 'finished') throw error
    // The count of restarts waits for a disk that is full: the device must be reachable all the same.
    log('not-stored', { problem: messageOf(error) })
  })
  return decision
}

type Describe = Parameters<typeof stayConnected>[0]['describe']

function describer(actions: ReadonlyMap<string, Action>): Describe {
  return (finished) => actions.get(finished.kind)?.describe(finished) ?? {}
}

async function describeAgent(machine: Machine, actions: ReadonlyMap<string, Action>): Promise<AgentReport> {
  const [bootId, bootedAt, firmwareVersion] = await Promise.all([
    machine.bootId(),
    machine.bootedAt(),
    machine.firmwareVersion(),
  ])
  const offered = [...actions.values()].filter((action) => action.refusal() === undefined)
  return {
    version: agentVersion,
    ...{ bootId, bootedAt: bootedAt.toISOString(), firmwareVersion, platform: machine.platform },
    ...{ actions: offered.map(({ name }) => name), keepsOnReset: [...(machine.reset?.keeps ?? [])] },
  }
}
