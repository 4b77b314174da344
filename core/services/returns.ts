import type { DeviceId } from '../../contract/app/ids.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import type { Asker } from './asker.ts'
import type { Lanes } from './lanes.ts'
import type { WaitingRoom } from './waiting-room.ts'

interface ReturnsParts {
  readonly action: ActionRecord
  readonly asker: Asker
  readonly lanes: Lanes
  readonly away: WaitingRoom
  readonly onSettled: () => void
  readonly onFailure: (error: unknown) => void
}

/** So many devices are looked at at the same time. */
const mostLooks = 8
/** So many records wait for the disk together. */
const atOnce = 500

/** Looks whether devices that were offline are back, and gives up when the request is no longer to be delivered. */
export class Returns {
  readonly #tools: RunnerTools
  readonly #parts: ReturnsParts
  readonly #looking = new Set<DeviceId>()

  constructor(tools: RunnerTools, parts: ReturnsParts) {
    this.#tools = tools
    this.#parts = parts
  }

  /** When there is something to do here; undefined when there is not. Milliseconds. */
  get nextAt(): number | undefined {
    const { away } = this.#parts
    if (away.size === 0) return undefined
    const nextLook = this.#looking.size < mostLooks ? away.nextAt : undefined
    return Math.min(nextLook ?? Infinity, this.#deliverBy)
  }

  async tend(signal: AbortSignal): Promise<void> {
    const { away } = this.#parts
    const now = this.#tools.clock.now().getTime()
    if (now >= this.#deliverBy) return this.#giveUp()
    while (this.#looking.size < mostLooks) {
      const deviceId = away.takeDue(now)
      if (deviceId === undefined) return
      this.#looking.add(deviceId)
      void this.#look(deviceId, signal)
    }
  }

  get #deliverBy(): number {
    const { offline } = this.#parts.action.started.policy ?? {}
    return offline?.mode === 'wait' ? Date.parse(offline.deliverBy) : Infinity
  }

  async #look(deviceId: DeviceId, signal: AbortSignal): Promise<void> {
    const { away, lanes, asker, onSettled, onFailure } = this.#parts
    try {
      const sighting = await asker.look(deviceId, signal)
      if (signal.aborted) return
      if (sighting?.isConnected) {
        away.remove(deviceId)
        lanes.add(deviceId)
      } else away.add(deviceId, this.#tools.clock.now().getTime())
    } catch (error) {
      onFailure(error)
    } finally {
      this.#looking.delete(deviceId)
      onSettled()
    }
  }

  async #giveUp(): Promise<void> {
    const { away, action } = this.#parts
    const event = { name: 'fail', reason: { code: 'not-delivered' } } as const
    for (
      let ids = away.deviceIds().slice(0, atOnce);
      ids.length > 0;
      ids = away.deviceIds().slice(0, atOnce)
    ) {
      for (const deviceId of ids) away.remove(deviceId)
      await Promise.all(ids.map((id) => this.#tools.store.record(action.started.actionId, id, event)))
    }
  }
}
