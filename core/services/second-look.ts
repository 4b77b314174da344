import type { DeviceId, HubId } from '../../contract/app/ids.ts'
import type { Target } from '../../contract/app/target.ts'
import { assumed, recognise } from '../domain/dialects/recognise.ts'
import type { TwinRules } from '../domain/kinds/kind.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import { Asker } from './asker.ts'

/** So many twins are read at the same time. */
const mostLooks = 8

/** Looks once more at devices of which nobody knows what became of them, and asks none of them anything. */
export class SecondLook {
  readonly #toolsOf: (hubId: HubId) => RunnerTools

  constructor(toolsOf: (hubId: HubId) => RunnerTools) {
    this.#toolsOf = toolsOf
  }

  /** Settles those of the unknown targets that have evidence by now. */
  take(action: ActionRecord, signal: AbortSignal): Promise<{ settled: number }> {
    return this.#look(action, () => true, signal)
  }

  /** The same for those that were in flight when the app ended. */
  takeInterrupted(action: ActionRecord, signal: AbortSignal): Promise<{ settled: number }> {
    return this.#look(action, ({ reason }) => reason?.code === 'interrupted', signal)
  }

  /** The same for those whose time was over some while ago, now that the action has ended. */
  takeLate(action: ActionRecord, before: string, signal: AbortSignal): Promise<{ settled: number }> {
    return this.#look(action, ({ changedAt }) => changedAt < before, signal)
  }

  async #look(
    action: ActionRecord,
    isWanted: (target: Target) => boolean,
    signal: AbortSignal,
  ): Promise<{ settled: number }> {
    const tools = this.#toolsOf(action.started.hubId)
    const rules = rulesFor(action.started.parameters)
    const { twin } = rules
    const wanted = [...action.targets.withStatus('unknown')].filter((deviceId) => {
      const target = action.targets.get(deviceId)
      return target !== undefined && isWanted(target)
    })
    if (!twin) return { settled: 0 }
    const look = new Look({ tools, action, twin, asker: new Asker(tools, action, rules) }, signal)
    const devices = wanted.values()
    await Promise.all(Array.from({ length: mostLooks }, () => look.work(devices)))
    return { settled: look.settled }
  }
}

interface LookParts {
  readonly tools: RunnerTools
  readonly action: ActionRecord
  readonly twin: TwinRules
  readonly asker: Asker
}

/** One round of looks, shared by several workers. */
class Look {
  settled = 0
  readonly #parts: LookParts
  readonly #signal: AbortSignal

  constructor(parts: LookParts, signal: AbortSignal) {
    this.#parts = parts
    this.#signal = signal
  }

  async work(devices: Iterator<DeviceId>): Promise<void> {
    for (let next = devices.next(); !next.done && !this.#signal.aborted; next = devices.next())
      if (await this.#settles(next.value)) this.settled += 1
  }

  async #settles(deviceId: DeviceId): Promise<boolean> {
    const { tools, action, twin, asker } = this.#parts
    const sighting = await asker.look(deviceId, this.#signal)
    if (!sighting) return false
    const dialect = assumed(recognise(tools.dialects(), sighting.reported))
    // What the device had reported before it was asked is not known any more, so only its word under our id counts.
    const before = dialect.readState(sighting.reported)
    const { actionId } = action.started
    const restoring = await asker.restoringOf(deviceId)
    const start = { dialect, actionId, before, restoring, leftAt: undefined, returnedAt: undefined }
    const { event } = twin.judge(start, sighting)
    if (event === undefined || event.name === 'lose') return false
    return (await tools.store.record(actionId, deviceId, event)) !== undefined
  }
}
