import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { DueQueue } from '../domain/due-queue.ts'
import type { Following, Sighting, TwinRules } from '../domain/kinds/kind.ts'
import { Durations, durationOf, planLook } from '../domain/looking.ts'
import { askAgainDelayMs } from '../domain/pacing.ts'
import { isPassing, type TargetEvent, type TargetEventName } from '../domain/target.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import { slowDown, type Asker } from './asker.ts'
import { Sleeper } from './sleeper.ts'

interface FollowerParts {
  readonly action: ActionRecord
  readonly rules: TwinRules
  readonly asker: Asker
  /** Called when a device is not followed any more. */
  readonly onSettled: () => void
  /** Called when what was seen cannot be written down. */
  readonly onFailure: (error: unknown) => void
}

/** One device in flight. */
interface Followed {
  readonly deviceId: DeviceId
  readonly startedAt: number
  readonly scoutPhase: number | undefined
  following: Following
  /** After how long it was looked at last and was not done. Milliseconds. */
  missedMs: number
  timesAsked: number
  lastAskedAt: number
  dueAt: number
  /** False where only the plan is due. */
  isReal: boolean
  /** Its time is over, and nobody waits for it: a look that somebody else's word suggests may prove it all the same. */
  isLate: boolean
}

/** Of what the hub tells by itself only this counts: an end, or how far the device is. */
const countsWhenTold: ReadonlySet<TargetEventName> = new Set(['succeed', 'fail', 'cancelled', 'progress'])
/** When to look again after the hub could not be asked. Milliseconds. */
const failedLookMs = 30_000
/** So many looks go on at the same time. */
const mostLooks = 32
/** Among small numbers each is a scout, among large ones the first few. */
const fewDevices = 20
const firstScouts = 8

/** Looks at the twins of devices that were asked, until the twin proves something or the time is over. */
export class Follower {
  readonly #tools: RunnerTools
  readonly #parts: FollowerParts
  readonly #followed = new Map<DeviceId, Followed>()
  readonly #due = new DueQueue<{ readonly deviceId: DeviceId; readonly dueAt: number }>()
  readonly #durations = new Durations()
  readonly #sleeper: Sleeper
  readonly #visited = new Set<Followed>()
  #added = 0
  #scouts = 0
  #late = 0

  constructor(tools: RunnerTools, parts: FollowerParts) {
    this.#tools = tools
    this.#parts = parts
    this.#sleeper = new Sleeper(tools.clock)
  }

  /** How many are waited for. */
  get size(): number {
    return this.#followed.size - this.#late
  }

  add(deviceId: DeviceId, following: Following): void {
    const now = this.#now()
    const scoutPhase = this.#nextScoutPhase()
    const entry: Followed = {
      deviceId,
      following,
      scoutPhase,
      startedAt: now,
      missedMs: 0,
      timesAsked: 0,
      lastAskedAt: now,
      dueAt: now,
      isReal: false,
      isLate: false,
    }
    this.#followed.set(deviceId, entry)
    this.#parts.action.targets.follow(deviceId, true)
    this.#plan(entry)
  }

  /** Whether the device that is added is a scout, and which one. */
  #nextScoutPhase(): number | undefined {
    const { size } = this.#parts.action.targets
    const isScout = size <= fewDevices || this.#added < firstScouts
    this.#added += 1
    if (!isScout) return undefined
    this.#scouts += 1
    return ((this.#scouts - 1) % firstScouts) / firstScouts
  }

  /** Somebody has seen that the device changed: it is looked at now. */
  hurry(deviceId: DeviceId): void {
    const entry = this.#followed.get(deviceId)
    if (entry && !this.#visited.has(entry)) this.#schedule(entry, this.#now(), true)
  }

  /** The hub tells by itself from now on: what it would have told before may be in the twins. */
  hurryAll(): void {
    for (const { deviceId, isLate } of this.#followed.values()) if (!isLate) this.hurry(deviceId)
  }

  /** What the hub tells by itself: it counts where it is an end or progress, and says nothing otherwise. */
  tell(deviceId: DeviceId, sighting: Sighting): void {
    const entry = this.#followed.get(deviceId)
    const event = entry && this.#parts.rules.judge(entry.following, sighting).event
    if (!entry || !event || !countsWhenTold.has(event.name) || !isNewsOf(entry, event)) return
    const elapsedMs = this.#now() - entry.startedAt
    if (event.name === 'succeed') this.#learn(durationOf(event, elapsedMs, elapsedMs))
    this.#record(entry, event).catch((error: unknown) => this.#parts.onFailure(error))
    if (event.name !== 'progress') this.#drop(entry)
  }

  /** From the first devices that are done one knows when to look at the others. */
  #learn(durationMs: number): void {
    this.#durations.add(durationMs)
    if (!this.#durations.isTurningPoint || !this.#tools.pace.looking.isBilled) return
    for (const entry of this.#followed.values())
      if (!this.#visited.has(entry) && !entry.isLate) this.#plan(entry)
  }

  /** Goes on until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#sleeper.wake()
    signal.addEventListener('abort', wake)
    while (!signal.aborted) {
      const entry = this.#visited.size < mostLooks ? this.#takeDue() : undefined
      if (!entry) await this.#sleeper.sleep(this.#restMs)
      else if (entry.isReal) void this.#visit(entry, signal)
      else this.#plan(entry)
    }
    signal.removeEventListener('abort', wake)
  }

  get #restMs(): number | undefined {
    const { nextAt } = this.#due
    if (nextAt === undefined || this.#visited.size >= mostLooks) return undefined
    return Math.max(0, nextAt - this.#now())
  }

  #takeDue(): Followed | undefined {
    const now = this.#now()
    for (let due = this.#due.takeDue(now); due; due = this.#due.takeDue(now)) {
      const entry = this.#followed.get(due.deviceId)
      // What was planned anew since is in the queue twice.
      if (entry?.dueAt === due.dueAt) return entry
    }
    return undefined
  }

  #plan(entry: Followed): void {
    const now = this.#now()
    const elapsedMs = now - entry.startedAt
    // Whether the device was reached at all should be known soon, whatever it costs.
    const isInDoubt = this.#parts.action.targets.statusOf(entry.deviceId) === 'unknown'
    const scoutPhase = entry.scoutPhase ?? (isInDoubt ? 0 : undefined)
    const usual = isInDoubt ? undefined : this.#durations.usual
    const { missedMs } = entry
    const device = { elapsedMs, missedMs, usual, scoutPhase, isTold: this.#tools.isTold() }
    const { delayMs, isReal } = planLook(this.#tools.pace.looking, device)
    const deadlineAt = entry.startedAt + this.#deadlineMs
    const isLast = now < deadlineAt && now + delayMs >= deadlineAt
    this.#schedule(entry, isLast ? deadlineAt : now + delayMs, isReal || isLast)
  }

  #schedule(entry: Followed, dueAt: number, isReal: boolean): void {
    const { nextAt } = this.#due
    entry.dueAt = dueAt
    entry.isReal = isReal
    this.#due.add(dueAt, { deviceId: entry.deviceId, dueAt })
    if (nextAt === undefined || dueAt < nextAt) this.#sleeper.wake()
  }

  async #visit(entry: Followed, signal: AbortSignal): Promise<void> {
    this.#visited.add(entry)
    try {
      const sighting = await this.#parts.asker.look(entry.deviceId, signal, this.#parts.onFailure)
      if (signal.aborted) return
      const isSettled = await this.#isSettled(entry, sighting, signal)
      this.#visited.delete(entry)
      if (isSettled) this.#drop(entry)
      else if (entry.isLate) return
      else if (sighting) this.#plan(entry)
      else this.#schedule(entry, this.#now() + failedLookMs, true)
    } catch (error) {
      this.#drop(entry)
      this.#parts.onFailure(error)
    } finally {
      this.#visited.delete(entry)
      this.#sleeper.wake()
    }
  }

  async #isSettled(entry: Followed, sighting: Sighting | undefined, signal: AbortSignal): Promise<boolean> {
    // A hub that cannot be asked says nothing about the device, however late it is.
    if (!sighting) return false
    if (await this.#judged(entry, sighting)) return true
    if (entry.isLate) return false
    const elapsedMs = this.#now() - entry.startedAt
    const isOver = elapsedMs >= this.#deadlineMs
    if (isOver) await this.#giveUp(entry, sighting)
    else if (sighting.isConnected) await this.#askAgain(entry, signal)
    return false
  }

  /** Nobody waits for the device any more; what is heard of it later counts as long as the action goes on. */
  async #giveUp(entry: Followed, sighting: Sighting): Promise<void> {
    await this.#record(entry, this.#parts.rules.judgeDeadline(entry.following, sighting))
    entry.isLate = true
    this.#late += 1
    this.#parts.action.targets.follow(entry.deviceId, false)
    this.#parts.onSettled()
  }

  /** Returns whether the sighting was the last that is needed. */
  async #judged(entry: Followed, sighting: Sighting): Promise<boolean> {
    const { following, event } = this.#parts.rules.judge(entry.following, sighting)
    entry.following = following
    const elapsedMs = this.#now() - entry.startedAt
    if (event?.name === 'succeed') this.#learn(durationOf(event, entry.missedMs, elapsedMs))
    entry.missedMs = elapsedMs
    if (!event || !isNewsOf(entry, event)) return false
    await this.#record(entry, event)
    return !isPassing(event)
  }

  /** Why a target is in doubt does not change by its staying so, unless there is something new to show. */
  async #record({ deviceId }: Followed, event: TargetEvent): Promise<void> {
    const { action } = this.#parts
    const isOldNews =
      event.name === 'lose' && !event.evidence && action.targets.statusOf(deviceId) === 'unknown'
    if (!isOldNews) await this.#tools.store.record(action.started.actionId, deviceId, event)
  }

  /** Nobody knows whether the device was reached: the same question under the same id tells, and harms nobody. */
  async #askAgain(entry: Followed, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#tools
    const { action, asker } = this.#parts
    const { deviceId, following } = entry
    const { actionId } = action.started
    if (!this.#isToBeAskedAgain(entry)) return
    entry.timesAsked += 1
    entry.lastAskedAt = this.#now()
    await asker.pacer.take(signal, asker.cost)
    const reason = action.targets.get(deviceId)?.reason
    if (signal.aborted || !(await store.record(actionId, deviceId, { name: 'ask', reason }))) return
    try {
      await store.record(actionId, deviceId, await asker.ask(deviceId, following, signal))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') slowDown(asker.pacer, error)
      // A refusal of the hub says nothing about the first time: the device stays unknown.
      log.warn('ask-again-failed', { code: error.code })
    }
  }

  #isToBeAskedAgain({ deviceId, following, timesAsked, lastAskedAt }: Followed): boolean {
    const { action, rules } = this.#parts
    if (action.targets.statusOf(deviceId) !== 'unknown' || !rules.canAskAgain(following)) return false
    // A person who has started something newer on this device does not want the old request any more.
    if (!this.#tools.store.isLastOn(deviceId, action)) return false
    const delayMs = askAgainDelayMs(timesAsked)
    return delayMs !== undefined && this.#now() - lastAskedAt >= delayMs
  }

  #drop({ deviceId, isLate }: Followed): void {
    if (!this.#followed.delete(deviceId)) return
    if (isLate) this.#late -= 1
    this.#parts.action.targets.follow(deviceId, false)
    this.#parts.onSettled()
  }

  get #deadlineMs(): number {
    return this.#parts.action.started.deadlineMs
  }

  #now(): number {
    return this.#tools.clock.now().getTime()
  }
}

/** Of a device that nobody waits for only an end counts: nobody would look whether it ever came. */
function isNewsOf({ isLate }: Followed, { name }: TargetEvent): boolean {
  return !isLate || (name !== 'progress' && countsWhenTold.has(name))
}
