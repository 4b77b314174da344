import type {
  ActionSummary,
  NewAction,
  Preflight,
  PreflightRequest,
  TargetsChange,
} from '../../contract/app/action.ts'
import type { ActionId, HubId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { recogniseDialect } from '../domain/dialect.ts'
import { rulesFor, verdictOf } from '../domain/kinds/rules.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from './action-record.ts'
import { ActionRunner, type RunnerTools } from './action-runner.ts'
import type { ActionStore } from './action-store.ts'
import { Asker } from './asker.ts'
import type { FleetService } from './fleet-service.ts'
import { Follower } from './follower.ts'
import { hubPace, type HubPace } from './hub-pace.ts'
import type { HubService } from './hub-service.ts'

interface ActionTools {
  readonly store: ActionStore
  readonly fleet: FleetService
  readonly hubs: HubService
  readonly clock: Clock
  readonly log: Log
  readonly userName: string
  readonly newActionId: () => ActionId
}

/** What the window asks about actions. */
export class ActionService {
  readonly #tools: ActionTools
  readonly #paces = new Map<HubId, HubPace>()
  readonly #ending = new AbortController()
  readonly #running = new Set<Promise<void>>()
  #starting: Promise<undefined> = Promise.resolve(undefined)

  constructor(tools: ActionTools) {
    this.#tools = tools
    tools.fleet.onFirstRead((hubId) => void this.#settleWhatWasInterrupted(hubId))
  }

  /** What would happen to each device, from what is known; nothing is sent. */
  preflight({ hubId, kind, deviceIds }: PreflightRequest): Preflight {
    const { fleet, store, hubs } = this.#tools
    const verdicts = deviceIds.map((deviceId) => {
      const known = fleet.knownDevice(hubId, deviceId)
      const candidate = {
        row: known?.row,
        supportedActions: known?.supportedActions,
        isBusy: store.isBusy(hubId, deviceId),
      }
      return {
        deviceId,
        verdict: verdictOf(kind, candidate),
      }
    })
    return { hubName: hubs.profile(hubId).name, verdicts }
  }

  /** Errors: `invalid-input` for parameters, `conflict` for a busy device; then nothing is sent to any. */
  async start(action: NewAction, signal: AbortSignal): Promise<{ actionId: ActionId }> {
    const { store, hubs, userName, newActionId } = this.#tools
    rulesFor(action.parameters)
    const { name, hostName } = hubs.profile(action.hubId)
    const tools = await this.#runnerTools(action.hubId, signal)
    const origin = { actionId: newActionId(), hubName: name, hostName, by: userName }
    const record = await this.#alone(() => {
      this.#refuseBusy(action)
      return store.start(action, origin)
    })
    const run = this.#run(tools, record)
    this.#running.add(run)
    void run.finally(() => this.#running.delete(run))
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
        yield { isReset: seen === undefined, targets: [...targets.since(seen ?? 0).changed] }
      seen = version
      if (targets.version === version) await store.changed.next(signal)
    }
  }

  /** Stops what was not sent yet. */
  async cancel(actionId: ActionId): Promise<void> {
    const { store } = this.#tools
    const waiting = [...store.get(actionId).targets.values()].filter(({ status }) => status === 'waiting')
    await Promise.all(waiting.map(({ deviceId }) => store.record(actionId, deviceId, { name: 'cancel' })))
  }

  /** A hub is about to be removed: what was not sent yet is not sent with its key. */
  async cancelOnHub(hubId: HubId): Promise<void> {
    await Promise.all(this.#tools.store.ofHub(hubId).map(({ started }) => this.cancel(started.actionId)))
  }

  /** Looks once more at the twins of the unknown targets. */
  async checkAgain(actionId: ActionId, signal: AbortSignal): Promise<{ settled: number }> {
    const { store } = this.#tools
    const action = store.get(actionId)
    const kind = rulesFor(action.started.parameters)
    const { twin: rules } = kind
    if (!rules) return { settled: 0 }
    const tools = await this.#runnerTools(action.started.hubId, signal)
    const follower = new Follower(tools, { action, rules, asker: new Asker(tools, action, kind) })
    const unknown = [...action.targets.values()].filter(({ status }) => status === 'unknown')
    const settled = await Promise.all(
      unknown.map(async ({ deviceId }) => {
        const sighting = await follower.look(deviceId, signal)
        if (!sighting) return false
        const dialect = recogniseDialect(sighting.reported) ?? 'tutorial'
        const start = {
          dialect,
          actionId,
          restartTimeBefore: undefined,
          leftAt: undefined,
          returnedAt: undefined,
        }
        const { event } = rules.judge(start, sighting)
        return event !== undefined && (await store.record(actionId, deviceId, event)) !== undefined
      }),
    )
    return { settled: settled.filter(Boolean).length }
  }

  /** Resolves when everything that was started is settled or out of time. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
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
    const subject = busy.length === 1 ? 'One device is' : `${busy.length} devices are`
    throw new AppError('conflict', `${subject} busy with another action. Nothing was sent.`, {
      nextStep: 'Wait for that action, or leave those devices out.',
    })
  }

  async #run(tools: RunnerTools, record: ActionRecord): Promise<void> {
    try {
      await new ActionRunner(tools, record).run(this.#ending.signal)
    } catch (error) {
      this.#tools.log.bug('action-run', error)
    }
  }

  async #runnerTools(hubId: HubId, signal: AbortSignal): Promise<RunnerTools> {
    const { store, fleet, hubs, clock, log } = this.#tools
    const gateway = await hubs.gateway(hubId, signal)
    const pace = this.#paces.get(hubId) ?? hubPace(hubs.kindOf(hubId), clock)
    this.#paces.set(hubId, pace)
    return { store, fleet, gateway, pace, clock, log }
  }

  async #settleWhatWasInterrupted(hubId: HubId): Promise<void> {
    const { store, log } = this.#tools
    try {
      for (const { started, targets } of store.ofHub(hubId)) {
        const wasInterrupted = [...targets.values()].some(
          ({ status, reason }) => status === 'unknown' && reason?.code === 'interrupted',
        )
        if (wasInterrupted) await this.checkAgain(started.actionId, this.#ending.signal)
      }
    } catch (error) {
      if (!this.#ending.signal.aborted)
        log.warn('settle-interrupted-failed', {
          hubId,
          error: error instanceof AppError ? error.code : 'bug',
        })
    }
  }
}
