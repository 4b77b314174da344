import { customCommand } from '../actions/custom-command.ts'
import { stateFile } from '../adapters/state-file.ts'
import { stateOf, type AgentState, type FinishedAction } from '../domain/agent-state.ts'
import type { CommandProgram } from '../ports/command-program.ts'
import type { StateStore } from '../ports/state-store.ts'
import { CrashingFiles, type Crash } from './crashing-files.ts'
import { seededRandom } from './seeded-random.ts'
import { startSimulatedDevice, validPayload, type SimulatedDevice } from './simulated-device.ts'

export interface PlannedCrash {
  /** Before this operation of the file system, counted from the last start. */
  readonly at: number
  readonly crash: Crash
}

export interface Plan {
  readonly action: 'reboot' | 'factoryReset' | 'backup'
  /** The back end wants it in a minute, and cancels it as soon as it is accepted. */
  readonly isCancelled?: boolean
  /** Each after the one before it; those that are not come to do not happen. */
  readonly crashes: readonly PlannedCrash[]
  readonly seed?: number
}

/** What became of one action that a back end wanted, on a device that crashed as planned. */
export interface Story {
  readonly outcome: FinishedAction
  /** Each word for where the action stood that was durable, in order. */
  readonly chain: readonly string[]
  readonly crashes: number
  readonly reboots: number
  readonly wipes: number
  readonly runs: number
  /** Whether the back end was told that it is cancelled. */
  readonly wasCancelled: boolean
  /** What the twin says of it in the end. */
  readonly reported: unknown
  /** The answer to the same request when all is over, and whether it had another effect. */
  readonly lastAnswer: unknown
}

const actionId = 'action-1'
const mostRounds = 200

/** Plays the story to its end: the back end asks until the action is known, and looks until it is reported. */
export async function tellStory(plan: Plan): Promise<Story> {
  const files = new CrashingFiles(seededRandom(plan.seed ?? 1))
  const { store, chain } = watched(stateFile('/state', () => undefined, files))
  const counts = { runs: 0, crashes: 0, wasCancelled: false }
  let isPromised = false
  const crashes = [...plan.crashes]
  const armNext = () => {
    files.crashAt = files.operations + (crashes[0]?.at ?? Infinity)
  }
  armNext()
  const actions = [customCommand(backup(files, counts), { timeoutMs: 60_000 })]
  const device = await startSimulatedDevice({ store, actions, isDead: () => files.isDead })

  async function revive(): Promise<void> {
    const { crash = 'kill' } = crashes.shift() ?? {}
    counts.crashes += 1
    if (crash === 'cut') await device.cutPower()
    else await device.stop().catch(() => undefined)
    files.recover(crash)
    armNext()
    if (isPromised && !isKnown(await store.load()))
      throw new Error(`a promise is forgotten: ${JSON.stringify(plan)}`)
    await device.startAgain()
  }

  /** The end, once the action is over and reported. */
  async function goOn(): Promise<FinishedAction | undefined> {
    const { finished, unreported } = await store.load()
    const outcome = finished.find((action) => action.actionId === actionId)
    if (outcome !== undefined && unreported.length === 0) return outcome
    const answer = await ask(device, plan).catch(() => undefined)
    // What a dead process says goes nowhere.
    isPromised ||= !files.isDead && answer !== undefined && answer.status < 300
    if (plan.isCancelled !== true) return undefined
    const cancelled = await device.cancel(actionId).catch(() => undefined)
    counts.wasCancelled ||= !files.isDead && cancelled?.status === 200
    return undefined
  }

  for (let round = 0; round < mostRounds; round += 1) {
    await device.clock.advance(round % 4 === 3 ? 400_000 : 3_000)
    if (files.isDead) {
      await revive()
      continue
    }
    const outcome = await goOn()
    if (outcome !== undefined) return theEnd(device, { outcome, chain, counts, plan })
  }
  throw new Error(`no end after ${mostRounds} rounds: ${JSON.stringify({ plan, chain })}`)
}

interface Ending {
  readonly outcome: FinishedAction
  readonly chain: readonly string[]
  readonly counts: Pick<Story, 'runs' | 'crashes' | 'wasCancelled'>
  readonly plan: Plan
}

async function theEnd(device: SimulatedDevice, { outcome, chain, counts, plan }: Ending): Promise<Story> {
  await device.clock.advance(120_000)
  const lastAnswer = await ask(device, plan)
  await device.clock.advance(400_000)
  const { iothubDM } = device.hub.reported as { iothubDM: Readonly<Record<string, unknown>> }
  const wipes = await device.wipes()
  await device.stop()
  const reported = iothubDM[plan.action]
  return { outcome, chain: [...chain], ...counts, reboots: device.reboots(), wipes, reported, lastAnswer }
}

function isKnown({ running, finished }: AgentState): boolean {
  return [running, ...finished].some((action) => action?.actionId === actionId)
}

function ask(device: SimulatedDevice, { action, isCancelled }: Plan): ReturnType<SimulatedDevice['reboot']> {
  if (action === 'factoryReset') return device.factoryReset(actionId)
  const delay = isCancelled === true ? { delaySeconds: 60 } : {}
  return device.hub.call(action, validPayload(actionId, { notAfter: '2026-02-01T00:00:00Z', ...delay }))
}

function backup(files: CrashingFiles, counts: { runs: number }): CommandProgram {
  return {
    name: 'backup',
    run: () => {
      if (files.isDead) return new Promise(() => undefined)
      counts.runs += 1
      return Promise.resolve({ kind: 'done', output: counts.runs })
    },
  }
}

/** Notes each word that is durable. */
function watched(inner: StateStore): { store: StateStore; chain: string[] } {
  const chain: string[] = []
  const note = (state: AgentState) => {
    const over = state.finished.find((action) => action.actionId === actionId)
    const word = over?.status ?? (state.running ? stateOf(state.running) : undefined)
    if (word !== undefined && chain.at(-1) !== word) chain.push(word)
  }
  const store = {
    async load() {
      const state = await inner.load()
      note(state)
      return state
    },
    async save(state: AgentState) {
      await inner.save(state)
      note(state)
    },
  }
  return { store, chain }
}
