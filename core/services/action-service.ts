import type { ActionSummary, NewAction } from '../../contract/app/action.ts'
import { DeviceId, type ActionId, type HubId } from '../../contract/app/ids.ts'
import type { TargetsChange } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { checkAction, renewedPolicy } from '../domain/action-check.ts'
import type { DialectRules } from '../domain/dialects/dialect.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import type { HubEvent } from '../ports/hub-events.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from './action-record.ts'
import { ActionRunner, type RunnerTools } from './action-runner.ts'
import type { ActionStore } from './action-store.ts'
import { EventWatch } from './event-watch.ts'
import type { FleetService } from './fleet-service.ts'
import type { HubPaces } from './hub-paces.ts'
import type { HubService } from './hub-service.ts'
import type { Run } from './run.ts'
import { SecondLook } from './second-look.ts'

interface ActionTools {
  readonly store: ActionStore
  readonly fleet: FleetService
  readonly hubs: HubService
  readonly paces: HubPaces
  readonly dialects: () => readonly DialectRules[]
  readonly clock: Clock
  readonly log: Log
  readonly userName: string
  readonly newActionId: () => ActionId
  /** Lets a job of the hub ask the devices; absent where there are no jobs. */
  readonly newJobRun?: (tools: RunnerTools, action: ActionRecord) => Run
}

/** A device that was looked at so lately is not looked at again. Milliseconds. */
const freshMs = 30_000

/** What the window asks about actions. */
export class ActionService {
  readonly #tools: ActionTools
  readonly #ending = new AbortController()
  readonly #runs = new Map<ActionId, { readonly run: Run; readonly ended: Promise<void> }>()
  readonly #secondLook: SecondLook
  readonly #events: EventWatch
  #starting: Promise<undefined> = Promise.resolve(undefined)

  constructor(tools: ActionTools) {
    this.#tools = tools
    this.#secondLook = new SecondLook((hubId) => this.#runnerTools(hubId))
    const onEvent = (hubId: HubId, event: HubEvent): void => this.#told(hubId, event)
    const onListening = (hubId: HubId): void => {
      for (const run of this.#runsOn(hubId)) run.listening()
    }
    this.#events = new EventWatch({ hubs: tools.hubs, log: tools.log, onEvent, onListening })
    tools.fleet.onFirstRead((hubId) => void this.#takeUp(hubId))
    tools.fleet.onReturn((hubId, deviceId) => this.sighted(hubId, deviceId))
  }

  /**
   * Errors: `invalid-input` for parameters, a policy or a confirmation that cannot be; `conflict` for a busy device and
   * for too many devices. Then nothing is sent to any.
   */
  async start(action: NewAction, signal: AbortSignal, retryOf?: ActionId): Promise<{ actionId: ActionId }> {
    const { store, hubs, clock, userName, newActionId } = this.#tools
    rulesFor(action.parameters)
    const { name, hostName } = hubs.profile(action.hubId)
    const { parameters } = action
    const reset = parameters.kind === 'restore' ? store.get(parameters.resetId).started : undefined
    checkAction(action, { hubName: name, now: clock.now(), reset })
    await this.#prepareWindow(action, signal)
    await hubs.gateway(action.hubId, signal)
    const origin = {
      ...(retryOf ? { retryOf } : {}),
      ...{ actionId: newActionId(), hubName: name, hostName, by: userName },
    }
    const record = await this.#alone(() => {
      this.#refuseBusy(action)
      return store.start(action, origin)
    })
    this.#begin(record)
    return { actionId: record.started.actionId }
  }

  async *list(signal: AbortSignal): AsyncGenerator<ActionSummary[]> {
    const { store } = this.#tools
    while (!signal.aborted) {
      const { version } = store
      yield store.summaries()
      if (store.version === version) await store.changed.next(signal)
    }
  }

  async *targets(actionId: ActionId, signal: AbortSignal): AsyncGenerator<TargetsChange> {
    const { store } = this.#tools
    const { targets } = store.get(actionId)
    let seen: number | undefined
    while (!signal.aborted) {
      const { version } = targets
      if (seen !== version)
        yield {
          isReset: seen === undefined,
          targets: seen === undefined ? [...targets.values()] : targets.changedSince(seen),
        }
      seen = version
      if (targets.version === version) await store.changed.next(signal)
    }
  }

  /** Stops what was not sent yet. */
  async cancel(actionId: ActionId): Promise<void> {
    const { store, userName } = this.#tools
    const { campaign, targets, started } = store.get(actionId)
    // A job may not have begun with the devices that it names.
    const mayStop = started.engine === 'job' ? targets.counts.sending > 0 : targets.counts.waiting > 0
    if (campaign.hasStopped || !mayStop) return
    await store.decide(actionId, { name: 'cancel', by: userName })
  }

  /** A hub is about to be removed: what was not sent yet is not sent with its key. */
  async cancelOnHub(hubId: HubId): Promise<void> {
    await Promise.all(this.#tools.store.ofHub(hubId).map(({ started }) => this.cancel(started.actionId)))
  }

  /** Errors: `conflict` when there is nothing more to send, or it is on hold already. */
  async pause(actionId: ActionId): Promise<void> {
    const { store, userName } = this.#tools
    const { campaign, targets } = store.get(actionId)
    if (campaign.hasStopped || targets.counts.waiting === 0) throw fault('nothing-to-pause')
    if (campaign.hold) throw fault('on-hold-already')
    await store.decide(actionId, { name: 'pause', by: userName })
  }

  /** Errors: `conflict` when it is not on hold; those of the hub. */
  async resume(actionId: ActionId, signal: AbortSignal): Promise<void> {
    const { store, hubs, userName } = this.#tools
    const record = store.get(actionId)
    if (!record.campaign.hold) throw fault('not-on-hold')
    await hubs.gateway(record.started.hubId, signal)
    await this.#prepareWindow(record.started, signal)
    await store.decide(actionId, { name: 'resume', by: userName })
    if (!this.#runs.has(actionId)) this.#begin(record)
  }

  /** Opens the gate before the next wave. Errors: `conflict` when no gate is waiting. */
  async approve(actionId: ActionId): Promise<void> {
    const { store, userName } = this.#tools
    const { summary, campaign } = store.get(actionId)
    if (summary.hold?.kind !== 'approval' && summary.hold?.kind !== 'gate') throw fault('no-gate')
    await store.decide(actionId, { name: 'approve', by: userName, wave: campaign.wave + 1 })
  }

  /** A new action over the devices that failed. Errors: `conflict` when none did; those of `start`. */
  async retryFailed(actionId: ActionId, signal: AbortSignal): Promise<{ actionId: ActionId }> {
    const { store, clock } = this.#tools
    const { started, targets } = store.get(actionId)
    const deviceIds = [...targets.withStatus('failed')]
    if (deviceIds.length === 0) throw fault('none-failed')
    if (started.parameters.kind === 'restore') throw fault('restore-needs-look')
    const { hubId, name, parameters, deadlineMs, engine, policy, at } = started
    const action: NewAction = {
      ...{ hubId, parameters, deadlineMs, deviceIds },
      ...(name === undefined ? {} : { name }),
      ...(engine === undefined ? {} : { engine }),
      ...(policy ? { policy: renewedPolicy(policy, at, clock.now()) } : {}),
    }
    return this.start(action, signal, actionId)
  }

  /** Looks once more at the twins of the unknown targets. */
  checkAgain(actionId: ActionId, signal: AbortSignal): Promise<{ settled: number }> {
    return this.#secondLook.take(this.#tools.store.get(actionId), signal)
  }

  /** How many actions go on only while the app runs. */
  get underWay(): number {
    return [...this.#runs.keys()].filter((actionId) => this.#tools.store.get(actionId).needsTheApp).length
  }

  /** Somebody has seen that the device changed, or is back. */
  sighted(hubId: HubId, deviceId: DeviceId): void {
    for (const [actionId, { run }] of this.#runs)
      if (this.#tools.store.get(actionId).started.hubId === hubId) run.sighted(deviceId)
  }

  /** Resolves when everything that was started is settled or out of time. */
  async settled(): Promise<void> {
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended))
  }

  /** Sending ends; what is in flight is in the journal, and is asked about at the next start. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.settled()
  }

  /** One start at a time: two at once would both find the device idle, and it would be asked twice. */
  #alone<T>(start: () => Promise<T>): Promise<T> {
    const started = this.#starting.then(start)
    this.#starting = started.then(
      () => undefined,
      () => undefined,
    )
    return started
  }

  #refuseBusy({ hubId, deviceIds }: NewAction): void {
    const busy = deviceIds.filter((deviceId) => this.#tools.store.isBusy(hubId, deviceId))
    if (busy.length === 0) return
    throw busy.length === 1 ? fault('device-busy') : fault('devices-busy', { devices: busy.length })
  }

  /** The time zones of the devices have to be known before their windows are. */
  async #prepareWindow(
    { hubId, policy }: Pick<NewAction, 'hubId' | 'policy'>,
    signal: AbortSignal,
  ): Promise<void> {
    if (policy?.window) await this.#tools.fleet.needTag(hubId, policy.window.timeZoneTag, signal)
  }

  #told(hubId: HubId, event: HubEvent): void {
    const deviceId = DeviceId.safeParse(event.deviceId)
    if (!deviceId.success) return
    for (const run of this.#runsOn(hubId)) run.told(deviceId.data, event)
  }

  #runsOn(hubId: HubId): Run[] {
    const { store } = this.#tools
    const runs = [...this.#runs].filter(([actionId]) => store.get(actionId).started.hubId === hubId)
    return runs.map(([, { run }]) => run)
  }

  /** Follows what is going on already: a job of the hub that somebody else has made. */
  takeUp(record: ActionRecord): void {
    this.#begin(record)
  }

  #begin(record: ActionRecord): void {
    const { actionId, hubId, engine } = record.started
    const tools = this.#runnerTools(hubId)
    const run = engine === 'job' ? this.#tools.newJobRun?.(tools, record) : new ActionRunner(tools, record)
    if (!run) throw fault('jobs-unused')
    const stopListening = this.#events.follow(hubId)
    const ended = run.run(this.#ending.signal).finally(async () => {
      await this.#lookOnceMore(record)
      stopListening()
      this.#runs.delete(actionId)
      this.#tools.store.notify()
    })
    this.#runs.set(actionId, { run, ended })
    this.#tools.store.notify()
  }

  /** A device may have reported after its time was over, while others were still waited for. */
  async #lookOnceMore(record: ActionRecord): Promise<void> {
    const { clock, log } = this.#tools
    const { signal } = this.#ending
    if (signal.aborted || record.campaign.hold || record.started.engine === 'job') return
    const before = new Date(clock.now().getTime() - freshMs).toISOString()
    try {
      await this.#secondLook.takeLate(record, before, signal)
    } catch (error) {
      log.warn('last-look-failed', { error: error instanceof AppError ? error.code : 'bug' })
    }
  }

  #runnerTools(hubId: HubId): RunnerTools {
    const { store, fleet, hubs, paces, dialects, clock, log } = this.#tools
    const pace = paces.of(hubId)
    const isTold = (): boolean => this.#events.isListening(hubId)
    const gateway: RunnerTools['gateway'] = (signal) => hubs.gateway(hubId, signal)
    return { store, fleet, dialects, pace, clock, log, gateway, isTold }
  }

  /** What an earlier life of the app has left: jobs go on, and the twins tell about what was in flight. */
  async #takeUp(hubId: HubId): Promise<void> {
    const { store, log } = this.#tools
    try {
      for (const record of store.ofHub(hubId)) {
        const { engine, actionId } = record.started
        const isRunning = record.summary.endedAt === undefined
        if (engine === 'job' && isRunning && !this.#runs.has(actionId)) this.#begin(record)
        else await this.#secondLook.takeInterrupted(record, this.#ending.signal)
      }
    } catch (error) {
      if (this.#ending.signal.aborted) return
      log.warn('settle-interrupted-failed', { hubId, error: error instanceof AppError ? error.code : 'bug' })
    }
  }
}
