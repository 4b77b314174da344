import type { ActionSummary, Target, TargetCounts } from '../../contract/app/action.ts'
import type { DeviceId } from '../../contract/app/ids.ts'
import type { Problem } from '../../contract/app/problem.ts'
import type { ActionStarted } from '../domain/journal-record.ts'
import { actionStatus, applyEvent, noCounts, type TargetEvent } from '../domain/target.ts'
import { Changes } from './changes.ts'

/** One action: what was started, and where each of its targets stands now. */
export class ActionRecord {
  readonly started: ActionStarted
  readonly targets = new Changes<DeviceId, Target>()
  readonly #counts: TargetCounts = noCounts()
  #lastChangeAt: string
  #problem: Problem | undefined

  constructor(started: ActionStarted) {
    this.started = started
    this.#lastChangeAt = started.at
    for (const deviceId of started.deviceIds) {
      this.targets.set(deviceId, { deviceId, status: 'waiting', changedAt: started.at })
    }
    this.#counts.waiting = this.targets.size
  }

  /** Returns the target after the event, or undefined when the event does not apply to it. */
  apply(deviceId: DeviceId, event: TargetEvent, at: string): Target | undefined {
    const before = this.targets.get(deviceId)
    const after = before && applyEvent(before, event, at)
    if (!after) return undefined
    this.#counts[before.status] -= 1
    this.#counts[after.status] += 1
    this.#lastChangeAt = at
    this.targets.set(deviceId, after)
    return after
  }

  /** Sending has stopped for a reason that concerns every device. */
  halt(problem: Problem): void {
    this.#problem = problem
  }

  get summary(): ActionSummary {
    const { actionId, parameters, hubId, hubName, at, by, deadlineMs } = this.started
    const status = actionStatus(this.#counts)
    const hasEnded = status !== 'running' && status !== 'cancelling'
    return {
      actionId,
      parameters,
      hubId,
      hubName,
      createdAt: at,
      createdBy: by,
      deadlineMs,
      status,
      total: this.targets.size,
      counts: { ...this.#counts },
      ...(hasEnded ? { endedAt: this.#lastChangeAt } : {}),
      ...(this.#problem ? { problem: this.#problem } : {}),
    }
  }
}
