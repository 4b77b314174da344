import type { DeviceId } from '../../contract/app/ids.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { AppError } from '../../contract/errors.ts'
import { nextStep, type Standing, type Step } from '../domain/campaign.ts'
import type { DialectRules } from '../domain/dialects/dialect.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import { rangeOf } from '../domain/waves.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubEvent } from '../ports/hub-events.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from './action-record.ts'
import type { ActionStore, Decision } from './action-store.ts'
import { Asker } from './asker.ts'
import type { FleetService } from './fleet-service.ts'
import { Follower } from './follower.ts'
import type { HubPace } from './hub-pace.ts'
import { IndexCount } from './index-count.ts'
import { Lanes } from './lanes.ts'
import { Pacer } from './pacer.ts'
import { toProblem } from './problem.ts'
import { Returns } from './returns.ts'
import { Sender } from './sender.ts'
import { sightingOf } from './sighting-of.ts'
import { Sleeper } from './sleeper.ts'
import type { Toll } from './toll.ts'
import { WaitingRoom } from './waiting-room.ts'
import { windowsOf } from './windows.ts'

/** What an action needs while it runs. */
export interface RunnerTools {
  readonly store: ActionStore
  readonly fleet: FleetService
  /** The connection of the moment: a key may be renewed while an action runs. */
  readonly gateway: (signal: AbortSignal) => Promise<HubGateway>
  readonly pace: HubPace
  /** Whether the hub tells by itself what its devices report. */
  readonly isTold: () => boolean
  /** How families of devices speak; the user's own mapping file may come and go. */
  readonly dialects: () => readonly DialectRules[]
  readonly clock: Clock
  readonly log: Log
}

/** How many devices are asked at the same time; the gateway has as many sockets. */
const mostAtOnce = 32
/** A shorter pause of the hub is not worth a word. Milliseconds. */
const shortPauseMs = 3_000

/** Sends one action to its targets as its policy says, and follows each until it is settled or its time is over. */
export class ActionRunner {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #asker: Asker
  readonly #follower: Follower | undefined
  readonly #sender: Sender
  readonly #returns: Returns
  readonly #lanes: Lanes
  readonly #away: WaitingRoom
  readonly #sleeper: Sleeper
  readonly #ownPace: Pacer | undefined
  readonly #ending = new AbortController()

  /** Errors: `invalid-input` for parameters that cannot be sent. */
  constructor(tools: RunnerTools, action: ActionRecord) {
    const { parameters, policy } = action.started
    const rules = rulesFor(parameters)
    const onSettled = (): void => this.#sleeper.wake()
    const onFailure = (error: unknown): void => void this.#halt(error)
    this.#tools = tools
    this.#action = action
    this.#sleeper = new Sleeper(tools.clock)
    this.#asker = new Asker(tools, action, rules)
    this.#lanes = new Lanes(windowsOf(tools.fleet, action.started))
    this.#away = new WaitingRoom(tools.pace)
    const parts = { action, asker: this.#asker, onSettled, onFailure }
    const places = { ...parts, lanes: this.#lanes, away: this.#away }
    this.#follower = rules.twin && new Follower(tools, { ...parts, rules: rules.twin })
    this.#returns = new Returns(tools, places)
    const maySend = (): boolean => this.#step().kind === 'send'
    this.#sender = new Sender(tools, { ...places, follower: this.#follower, maySend })
    const { mostPerMinute } = policy ?? {}
    this.#ownPace =
      mostPerMinute === undefined
        ? undefined
        : new Pacer({ perSecond: mostPerMinute / 60, burst: 1 }, tools.clock)
  }

  /** Ends when every target is settled or out of time, or when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const end = (): void => {
      this.#ending.abort()
      this.#sleeper.wake()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    const stopListening = this.#action.onChange(() => this.#sleeper.wake())
    const following = this.#follower?.run(this.#ending.signal).catch((error: unknown) => this.#halt(error))
    const counting = new IndexCount(this.#tools, this.#action).run(this.#ending.signal)
    try {
      await this.#takeUp()
      await this.#drive()
    } catch (error) {
      await this.#halt(error)
    } finally {
      end()
      signal.removeEventListener('abort', end)
      stopListening()
      await following
      await counting.catch((error: unknown) => this.#tools.log.bug('index-count', error))
      await this.#sender.settled()
    }
  }

  /** Somebody has seen that the device changed, or is back: it is looked at now. */
  sighted(deviceId: DeviceId): void {
    this.#follower?.hurry(deviceId)
    this.#away.hurry(deviceId, this.#now())
    this.#sleeper.wake()
  }

  /** The hub tells by itself what has happened to a device. */
  told(deviceId: DeviceId, event: HubEvent): void {
    if (event.kind === 'reported') this.#follower?.tell(deviceId, sightingOf(event, this.#tools.clock.now()))
    else if (event.isConnected) this.#away.hurry(deviceId, this.#now())
    this.#sleeper.wake()
  }

  listening(): void {
    this.#follower?.hurryAll()
  }

  /** What an earlier life of the app has left: who waits, who is offline, and who may have been reached. */
  async #takeUp(): Promise<void> {
    const { targets, campaign, waves } = this.#action
    if (campaign.wave > 0) this.#enter({ from: 0, to: rangeOf(waves, campaign.wave).to })
    for (const deviceId of targets.withStatus('unknown')) {
      if (targets.get(deviceId)?.reason?.code !== 'interrupted') continue
      this.#follower?.add(deviceId, await this.#asker.takenUp(deviceId))
    }
  }

  /** The targets of those numbers get their turn. */
  #enter({ from, to }: { readonly from: number; readonly to: number }): void {
    const { targets } = this.#action
    for (const deviceId of targets.deviceIds.slice(from, to)) {
      if (targets.statusOf(deviceId) !== 'waiting') continue
      if (targets.get(deviceId)?.reason?.code === 'offline') this.#away.add(deviceId, this.#now())
      else this.#lanes.add(deviceId)
    }
  }

  async #drive(): Promise<void> {
    for (let step = this.#step(); step.kind !== 'end' && !this.#isEnding; step = this.#step()) {
      await this.#take(step)
      if (!this.#action.campaign.hold) await this.#returns.tend(this.#ending.signal)
    }
    this.#show(undefined)
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  async #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'open':
        await this.#decide({ name: 'wave', wave: step.wave })
        this.#enter(rangeOf(this.#action.waves, step.wave))
        return
      case 'settle':
        return this.#decide({ name: 'settle', wave: this.#action.campaign.wave })
      case 'abort':
        return this.#decide({ name: 'abort', finished: step.finished, failed: step.failed })
      case 'hold':
        return this.#rest(step.hold)
      case 'follow':
        return this.#rest(undefined)
      case 'send':
        return this.#sendNext()
      case 'end':
        return
    }
  }

  /** Asks the next device, if there is one that may be asked now; otherwise waits until something changes. */
  async #sendNext(): Promise<void> {
    const { toll } = this.#asker
    const waitMs = Math.max(toll.waitMs, this.#ownPace?.waitMs ?? 0)
    if (waitMs > 0) return this.#rest(this.#pauseOf(toll), waitMs)
    if (this.#sender.busy >= mostAtOnce) return this.#rest(undefined)
    const deviceId = this.#lanes.take(this.#now())
    if (deviceId === undefined) return this.#restForWindow()
    toll.spend()
    this.#ownPace?.spend()
    this.#show(undefined)
    this.#sender.send(deviceId, this.#ending.signal)
  }

  #pauseOf({ pausedUntil }: Toll): Hold | undefined {
    if (pausedUntil === undefined || pausedUntil - this.#now() < shortPauseMs) return undefined
    const until = new Date(pausedUntil).toISOString()
    return { kind: this.#sender.problem ? 'unreachable' : 'throttled', until }
  }

  #restForWindow(): Promise<void> {
    const now = this.#now()
    const closed = this.#lanes.closedAt(now)
    if (!closed) return this.#rest(undefined)
    const opensAt = new Date(closed.opensAt).toISOString()
    return this.#rest({ kind: 'window', ...closed, opensAt }, closed.opensAt - now)
  }

  /** Waits until the hold may be over, somebody who is away is to be looked at, or something changes. */
  async #rest(hold: Hold | undefined, waitMs = Infinity): Promise<void> {
    this.#show(hold)
    const now = this.#now()
    const until = hold && 'until' in hold ? Date.parse(hold.until) : Infinity
    const nextAt = this.#action.campaign.hold ? undefined : this.#returns.nextAt
    const earliestMs = Math.min(until - now, (nextAt ?? Infinity) - now, waitMs)
    await this.#sleeper.sleep(earliestMs === Infinity ? undefined : Math.max(0, earliestMs))
  }

  #show(hold: Hold | undefined): void {
    if (this.#action.wait(hold, this.#sender.problem)) this.#tools.store.notify()
  }

  #decide(decision: Decision): Promise<void> {
    return this.#tools.store.decide(this.#action.started.actionId, decision)
  }

  /** Nobody can be asked: the hub refuses the credential, or nothing can be written down. A person may resume. */
  async #halt(error: unknown): Promise<void> {
    const { log } = this.#tools
    if (this.#isEnding || this.#action.campaign.hold?.kind === 'halted') return
    if (!(error instanceof AppError)) log.bug('action-run', error)
    try {
      await this.#decide({ name: 'halt', problem: toProblem(error) })
    } catch (cause) {
      // The journal takes nothing more; the action stands still all the same, and says why.
      log.bug('action-halt', cause)
    }
  }

  #step(): Step {
    return nextStep(this.#action.started.policy, this.#standing(), this.#now())
  }

  #standing(): Standing {
    const { campaign, targets, waves } = this.#action
    const { counts, inDoubt, unprovable } = targets
    const { busy, preparing } = this.#sender
    const opened = campaign.wave > 0 ? rangeOf(waves, campaign.wave).to : 0
    return {
      state: campaign,
      waves: waves.length,
      due: this.#lanes.size + preparing,
      later: targets.size - opened,
      parked: this.#away.size,
      underWay: busy - preparing + (this.#follower?.size ?? 0),
      succeeded: counts.succeeded,
      failed: counts.failed,
      lost: counts.unknown - inDoubt - unprovable,
      unprovable,
    }
  }

  #now(): number {
    return this.#tools.clock.now().getTime()
  }
}
