import type { ActionSummary, NewAction, Target } from '../../contract/app/action.ts'
import type { LastAction } from '../../contract/app/device.ts'
import type { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import type { Problem } from '../../contract/app/problem.ts'
import { AppError } from '../../contract/errors.ts'
import type { ActionStarted, JournalRecord } from '../domain/journal-record.ts'
import { isFinal, type TargetEvent } from '../domain/target.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import { ActionRecord } from './action-record.ts'
import { Signal } from './signal.ts'

/** Who starts an action, where, and under which id. */
export interface ActionOrigin {
  readonly actionId: ActionId
  readonly hubName: string
  readonly hostName: string
  readonly by: string
}

type TargetListener = (hubId: HubId, deviceId: DeviceId) => void

/** All actions, as the journal tells them. Nothing here is true that is not in the journal, or on its way there. */
export class ActionStore {
  readonly changed = new Signal()
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #actions = new Map<ActionId, ActionRecord>()
  readonly #lastByDevice = new Map<HubId, Map<DeviceId, ActionRecord>>()
  readonly #listeners: TargetListener[] = []
  #version = 0

  private constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  /** Replays the journal. What was in flight when the app ended is now unknown; what was not sent is cancelled. */
  static async open(journal: Journal, clock: Clock): Promise<ActionStore> {
    const store = new ActionStore(journal, clock)
    for await (const record of journal.read()) store.#replay(record)
    await store.#settleInterrupted()
    return store
  }

  get version(): number {
    return this.#version
  }

  /** The newest first. */
  summaries(): ActionSummary[] {
    return [...this.#actions.values()].map(({ summary }) => summary).reverse()
  }

  /** Errors: `not-found`. */
  get(actionId: ActionId): ActionRecord {
    const action = this.#actions.get(actionId)
    if (!action) throw new AppError('not-found', 'There is no such action.')
    return action
  }

  ofHub(hubId: HubId): readonly ActionRecord[] {
    return [...this.#actions.values()].filter(({ started }) => started.hubId === hubId)
  }

  lastActionOf(hubId: HubId, deviceId: DeviceId): LastAction | undefined {
    const action = this.#lastByDevice.get(hubId)?.get(deviceId)
    const target = action?.targets.get(deviceId)
    if (!action || !target) return undefined
    const { actionId, parameters } = action.started
    const { status, phase, changedAt } = target
    return { actionId, kind: parameters.kind, status, at: changedAt, ...(phase ? { phase } : {}) }
  }

  /** Whether an action on this device is still under way: a device takes one at a time. */
  isBusy(hubId: HubId, deviceId: DeviceId): boolean {
    const status = this.#lastByDevice.get(hubId)?.get(deviceId)?.targets.get(deviceId)?.status
    return status !== undefined && status !== 'unknown' && !isFinal(status)
  }

  onTarget(listener: TargetListener): void {
    this.#listeners.push(listener)
  }

  /** Resolves once the action is in the journal. */
  async start(
    { hubId, parameters, deadlineMs, deviceIds }: NewAction,
    origin: ActionOrigin,
  ): Promise<ActionRecord> {
    const started: ActionStarted = {
      type: 'action',
      at: this.#now(),
      hubId,
      parameters,
      deadlineMs,
      ...origin,
      deviceIds: [...new Set(deviceIds)],
    }
    await this.#journal.append(started)
    const action = this.#begin(started)
    this.#notify()
    return action
  }

  /**
   * Applies an event and resolves with the target once it is in the journal; undefined when the event does not apply.
   * The status changes at once, so that two who act on one target cannot both succeed.
   */
  async record(actionId: ActionId, deviceId: DeviceId, event: TargetEvent): Promise<Target | undefined> {
    const action = this.get(actionId)
    const at = this.#now()
    const target = action.apply(deviceId, event, at)
    if (!target) return undefined
    this.#tell(action, deviceId)
    const { name, reason, evidence } = event
    const details = { ...(reason ? { reason } : {}), ...(evidence ? { evidence } : {}) }
    await this.#journal.append({ type: 'target', at, actionId, deviceId, name, ...details })
    return target
  }

  halt(actionId: ActionId, problem: Problem): void {
    this.get(actionId).halt(problem)
    this.#notify()
  }

  #replay(record: JournalRecord): void {
    if (record.type === 'action') this.#begin(record)
    else this.#actions.get(record.actionId)?.apply(record.deviceId, record, record.at)
  }

  #begin(started: ActionStarted): ActionRecord {
    const action = new ActionRecord(started)
    this.#actions.set(started.actionId, action)
    const last = this.#lastByDevice.get(started.hubId) ?? new Map<DeviceId, ActionRecord>()
    this.#lastByDevice.set(started.hubId, last)
    for (const deviceId of started.deviceIds) {
      last.set(deviceId, action)
      for (const listener of this.#listeners) listener(started.hubId, deviceId)
    }
    return action
  }

  async #settleInterrupted(): Promise<void> {
    const reason = { code: 'interrupted' } as const
    const records: Promise<unknown>[] = []
    for (const { started, targets } of this.#actions.values()) {
      for (const { deviceId, status } of [...targets.values()]) {
        if (isFinal(status) || status === 'unknown') continue
        const name = status === 'waiting' ? 'cancel' : 'lose'
        records.push(this.record(started.actionId, deviceId, { name, reason }))
      }
    }
    await Promise.all(records)
  }

  #tell({ started }: ActionRecord, deviceId: DeviceId): void {
    for (const listener of this.#listeners) listener(started.hubId, deviceId)
    this.#notify()
  }

  #notify(): void {
    this.#version += 1
    this.changed.notify()
  }

  #now(): string {
    return this.#clock.now().toISOString()
  }
}
