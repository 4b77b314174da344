import type { ActionSummary, NewAction } from '../../contract/app/action.ts'
import type { LastAction } from '../../contract/app/device.ts'
import type { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import type { Target } from '../../contract/app/target.ts'
import { fault } from '../../contract/faults.ts'
import type {
  ActionStarted,
  CampaignChanged,
  JobStarted,
  JournalRecord,
  TwinKept,
} from '../domain/journal-record.ts'
import type { TwinContent } from '../domain/restoration.ts'
import { isFinal, isPassing, type TargetEvent } from '../domain/target.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import { ActionRecord } from './action-record.ts'
import { LastActions } from './last-actions.ts'
import { Signal } from './signal.ts'

/** Who starts an action, where, and under which id. */
export interface ActionOrigin {
  readonly actionId: ActionId
  readonly hubName: string
  readonly hostName: string
  readonly by: string
  /** The action whose failed devices this one tries again. */
  readonly retryOf?: ActionId
}

type TargetListener = (hubId: HubId, deviceId: DeviceId) => void

/** What a person or the policy decides about an action as a whole. */
export type Decision = Omit<CampaignChanged, 'type' | 'at' | 'actionId'>

/** All actions, as the journal tells them. Nothing here is true that is not in the journal, or on its way there. */
export class ActionStore {
  readonly changed = new Signal()
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #actions = new Map<ActionId, ActionRecord>()
  readonly #lastActions = new Map<HubId, LastActions>()
  readonly #listeners: TargetListener[] = []
  #version = 0

  private constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  /** Replays the journal. What was in flight when the app ended is now unknown; what was not sent waits for a person. */
  static async open(journal: Journal, clock: Clock): Promise<ActionStore> {
    const store = new ActionStore(journal, clock)
    for await (const records of journal.read()) store.#replay(records)
    await store.#interrupt()
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
    if (!action) throw fault('action-unknown')
    return action
  }

  ofHub(hubId: HubId): readonly ActionRecord[] {
    return [...this.#actions.values()].filter(({ started }) => started.hubId === hubId)
  }

  lastActionOf(hubId: HubId, deviceId: DeviceId): LastAction | undefined {
    const action = this.#lastActions.get(hubId)?.get(deviceId)
    const target = action?.targets.get(deviceId)
    if (!action || !target) return undefined
    const { actionId, parameters } = action.started
    const { status, phase, changedAt } = target
    return { actionId, kind: parameters.kind, status, at: changedAt, ...(phase ? { phase } : {}) }
  }

  /** Whether no newer action than this one was started on the device. */
  isLastOn(deviceId: DeviceId, { started }: ActionRecord): boolean {
    return this.#lastActions.get(started.hubId)?.get(deviceId)?.started === started
  }

  /** Whether an action on this device is still under way: a device takes one at a time. */
  isBusy(hubId: HubId, deviceId: DeviceId): boolean {
    const status = this.#lastActions.get(hubId)?.get(deviceId)?.targets.statusOf(deviceId)
    return status !== undefined && status !== 'unknown' && !isFinal(status)
  }

  onTarget(listener: TargetListener): void {
    this.#listeners.push(listener)
  }

  /** Resolves once the action is in the journal. */
  async start(action: NewAction, origin: ActionOrigin): Promise<ActionRecord> {
    const { confirmation: _, deviceIds, ...asked } = action
    const started: ActionStarted = {
      type: 'action',
      at: this.#now(),
      ...asked,
      ...origin,
      deviceIds: [...new Set(deviceIds)],
    }
    await this.#journal.append(started)
    const record = this.#begin(started)
    this.#notify()
    return record
  }

  /**
   * Applies an event and resolves with the target once it is in the journal; undefined when the event does not apply.
   * The status changes at once, so that two who act on one target cannot both succeed.
   */
  async record(actionId: ActionId, deviceId: DeviceId, event: TargetEvent): Promise<Target | undefined> {
    const action = this.get(actionId)
    const at = this.#now()
    const phaseBefore = action.targets.get(deviceId)?.phase
    if (!action.apply(deviceId, event, at)) return undefined
    const target = action.targets.get(deviceId)
    this.#tell(action, deviceId)
    const { name, reason, evidence, phase } = event
    // How far a device is within its phase, and that it is still gone, passes with the moment: the journal keeps the phases.
    if (isPassing(event) && target?.phase === phaseBefore) return target
    const details = {
      ...(reason ? { reason } : {}),
      ...(evidence ? { evidence } : {}),
      ...(phase ? { phase } : {}),
    }
    await this.#journal.append({ type: 'target', at, actionId, deviceId, name, ...details })
    return target
  }

  /** Applies a decision about the whole action, and resolves once it is in the journal. */
  async decide(actionId: ActionId, decision: Decision): Promise<void> {
    const action = this.get(actionId)
    const record: CampaignChanged = { type: 'campaign', at: this.#now(), actionId, ...decision }
    for (const deviceId of action.decide(record)) this.#tell(action, deviceId)
    this.#notify()
    await this.#journal.append(record)
  }

  /** Resolves once the journal knows that the hub is asked to make the job. */
  async startJob(actionId: ActionId, jobId: string, deviceIds: readonly DeviceId[]): Promise<void> {
    const action = this.get(actionId)
    const job: JobStarted = { type: 'job', at: this.#now(), actionId, jobId, deviceIds: [...deviceIds] }
    action.startJob(job)
    for (const deviceId of deviceIds) this.#tell(action, deviceId)
    await this.#journal.append(job)
  }

  /** Resolves once it is in the journal what the hub keeps for a device, and what is about to be written there. */
  async keepTwin(
    actionId: ActionId,
    deviceId: DeviceId,
    { desired, tags, change }: Pick<TwinKept, 'desired' | 'tags' | 'change'>,
  ): Promise<void> {
    const kept = { desired, tags, ...(change ? { change } : {}) }
    await this.#journal.append({ type: 'twin', at: this.#now(), actionId, deviceId, ...kept })
    this.#notify()
  }

  /** What was kept of the twins before the devices of that action were asked, the last of each. */
  async keptTwins(actionId: ActionId): Promise<ReadonlyMap<DeviceId, TwinContent>> {
    const kept = new Map<DeviceId, TwinContent>()
    for await (const { record } of this.#journal.readForwards({ actionId }))
      if (record.type === 'twin') kept.set(record.deviceId, { desired: record.desired, tags: record.tags })
    return kept
  }

  /** Something of the moment has changed, which the journal does not hold. */
  notify(): void {
    this.#notify()
  }

  #replay(records: readonly JournalRecord[]): void {
    let action: ActionRecord | undefined
    for (const record of records) {
      // Most records are of the same action as the one before.
      if (action?.started.actionId !== record.actionId) action = this.#actions.get(record.actionId)
      if (record.type === 'action') action = this.#begin(record)
      else if (action) replay(action, record)
    }
  }

  #begin(started: ActionStarted): ActionRecord {
    const action = new ActionRecord(started)
    this.#actions.set(started.actionId, action)
    const last = this.#lastActions.get(started.hubId) ?? new LastActions()
    this.#lastActions.set(started.hubId, last)
    last.set(started.deviceIds, action)
    for (const listener of this.#listeners)
      for (const deviceId of started.deviceIds) listener(started.hubId, deviceId)
    return action
  }

  /** A job of the hub goes on without the app; everything else stops with it. */
  async #interrupt(): Promise<void> {
    const at = this.#now()
    const isCutOff = (action: ActionRecord): boolean => {
      const { started, targets, campaign } = action
      if (started.engine === 'job') return false
      const isWaiting = targets.counts.waiting > 0 && campaign.hold?.kind !== 'interrupted'
      return isWaiting || action.underWay(at).length > 0
    }
    const interrupted = [...this.#actions.values()].filter(isCutOff)
    await Promise.all(interrupted.map(({ started }) => this.decide(started.actionId, { name: 'interrupt' })))
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

function replay(action: ActionRecord, record: JournalRecord): void {
  if (record.type === 'target') action.apply(record.deviceId, record, record.at)
  else if (record.type === 'job') action.startJob(record)
  else if (record.type === 'campaign') action.decide(record)
}
