import type { DeviceId } from '../../contract/app/ids.ts'
import type { Verdict } from '../../contract/app/preflight.ts'
import type { Problem } from '../../contract/app/problem.ts'
import type { ReasonCode } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import type { Following } from '../domain/kinds/kind.ts'
import { verdictOf } from '../domain/kinds/rules.ts'
import { concernsEveryDevice, judgeSendFailure, reasonOfError } from '../domain/send-failure.ts'
import { isToBeFollowed, type TargetEvent } from '../domain/target.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import { slowDown, type Asker } from './asker.ts'
import type { Follower } from './follower.ts'
import type { Lanes } from './lanes.ts'
import { Outage } from './outage.ts'
import { toProblem } from './problem.ts'
import type { WaitingRoom } from './waiting-room.ts'

interface SenderParts {
  readonly action: ActionRecord
  readonly asker: Asker
  readonly follower: Follower | undefined
  readonly lanes: Lanes
  readonly away: WaitingRoom
  /** Whether the policy, a person and the hub still allow to send: asked right before each send. */
  readonly maySend: () => boolean
  /** Called when a device has been asked, or has lost its turn. */
  readonly onSettled: () => void
  /** Called when something stands in the way of every device. */
  readonly onFailure: (error: unknown) => void
}

/** A twin that has to be read first is asked for so many times. */
const mostAttempts = 5

/** What becomes of a device that is back, and that one cannot or need not ask any more. */
const afterAbsence: Partial<Record<Verdict, TargetEvent>> = {
  'already-done': { name: 'skip', reason: { code: 'already-done' } },
  disabled: { name: 'fail', reason: { code: 'disabled' } },
  unsupported: { name: 'fail', reason: { code: 'unsupported' } },
}

/** Asks devices, each in its own time, and puts each where it belongs afterwards. */
export class Sender {
  readonly #tools: RunnerTools
  readonly #parts: SenderParts
  readonly #running = new Set<Promise<void>>()
  readonly #preparing = new Set<DeviceId>()
  readonly #attempts = new Map<DeviceId, number>()
  readonly #outage: Outage

  constructor(tools: RunnerTools, parts: SenderParts) {
    this.#tools = tools
    this.#parts = parts
    this.#outage = new Outage(tools.pace)
  }

  /** How many devices are being asked, or are about to be. */
  get busy(): number {
    return this.#running.size
  }

  /** How many of them nothing was sent to yet. */
  get preparing(): number {
    return this.#preparing.size
  }

  /** Why nobody can be asked now, and it is tried again by itself. */
  get problem(): Problem | undefined {
    return this.#outage.problem
  }

  send(deviceId: DeviceId, signal: AbortSignal): void {
    this.#preparing.add(deviceId)
    const run = this.#run(deviceId, signal)
    this.#running.add(run)
    void run.finally(() => {
      this.#running.delete(run)
      this.#parts.onSettled()
    })
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #run(deviceId: DeviceId, signal: AbortSignal): Promise<void> {
    try {
      const following = await this.#prepare(deviceId, signal)
      const maySend = following && !signal.aborted && this.#maySend(deviceId)
      this.#preparing.delete(deviceId)
      if (maySend) await this.#ask(deviceId, following, signal)
      else if (following) this.#parts.lanes.add(deviceId)
    } catch (error) {
      this.#preparing.delete(deviceId)
      this.#parts.onFailure(error)
    }
  }

  #maySend(deviceId: DeviceId): boolean {
    return this.#parts.maySend() && this.#parts.lanes.isOpenFor(deviceId, this.#tools.clock.now().getTime())
  }

  /** What has to be known first; undefined when the device is not asked now, and then it has its place already. */
  async #prepare(deviceId: DeviceId, signal: AbortSignal): Promise<Following | undefined> {
    const early = this.#verdictNow(deviceId)
    if (early) {
      await this.#place(deviceId, early)
      return undefined
    }
    try {
      const { following, event } = await this.#parts.asker.prepare(deviceId, signal)
      if (!event) return following
      await this.#place(deviceId, event)
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') slowDown(this.#tools.pace.reads, error)
      await this.#place(deviceId, this.#afterFailedLook(deviceId, error))
      return undefined
    }
  }

  /** What is known of a device that the policy lets wait; one that was away may not be what it was. */
  #verdictNow(deviceId: DeviceId): TargetEvent | undefined {
    const { hubId, policy, parameters } = this.#parts.action.started
    const known = this.#tools.fleet.knownDevice(hubId, deviceId)
    if (policy?.offline.mode !== 'wait' || !known) return undefined
    const verdict = verdictOf(parameters, { ...known, isBusy: false })
    if (verdict === 'offline') return { name: 'defer', reason: { code: 'offline' } }
    const wasAway = this.#parts.action.targets.get(deviceId)?.reason?.code === 'offline'
    return wasAway ? afterAbsence[verdict] : undefined
  }

  #afterFailedLook(deviceId: DeviceId, error: AppError): TargetEvent {
    const event = this.#afterRefusal(error)
    if (event.name !== 'lose') return event
    const attempts = (this.#attempts.get(deviceId) ?? 0) + 1
    this.#attempts.set(deviceId, attempts)
    if (attempts < mostAttempts) return { name: 'defer' }
    return { name: 'fail', reason: reasonOfError('unreached', error) }
  }

  async #ask(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<void> {
    const { store } = this.#tools
    const { action, follower, asker } = this.#parts
    if (!(await store.record(action.started.actionId, deviceId, { name: 'send' }))) return
    const event = await this.#answer(deviceId, () => asker.ask(deviceId, following, signal), signal)
    // The app is closing: the next start finds in the journal that the device may have been reached.
    if (!event) return
    if (isToBeFollowed(event.name)) follower?.add(deviceId, following)
    await this.#place(deviceId, event)
  }

  async #answer(
    deviceId: DeviceId,
    ask: () => Promise<TargetEvent>,
    signal: AbortSignal,
  ): Promise<TargetEvent | undefined> {
    try {
      const event = await ask()
      this.#outage.end()
      return event
    } catch (error) {
      if (signal.aborted) return undefined
      if (error instanceof AppError) return this.#explained(deviceId, this.#afterRefusal(error), signal)
      // What a device answers is hostile: our mistake in reading it must not stop the others.
      this.#tools.log.bug('action-send', error)
      return { name: 'lose', reason: reasonOfError('no-answer', fault('bug')) }
    }
  }

  /** What the hub's refusal means for this device; what concerns everybody is dealt with on the way. */
  #afterRefusal(error: AppError): TargetEvent {
    if (error.code === 'unreachable') this.#outage.goOn(toProblem(error))
    else this.#outage.end()
    if (error.code === 'throttled') slowDown(this.#parts.asker.pacer, error)
    if (concernsEveryDevice(error)) this.#parts.onFailure(error)
    return judgeSendFailure(error)
  }

  /** The plain reason, and what the policy makes of it. */
  async #explained(
    deviceId: DeviceId,
    event: TargetEvent,
    signal: AbortSignal,
  ): Promise<TargetEvent | undefined> {
    const said = event.reason?.code
    if (event.name !== 'fail' || (said !== 'offline' && said !== 'not-found')) return event
    const code = await this.#parts.asker.explain(deviceId, said, signal)
    if (signal.aborted) return undefined
    if (code === 'offline') return this.#whenOffline()
    // It may have come back in this very moment, so it gets one more turn.
    if (code === 'no-handler' && !this.#attempts.has(deviceId)) {
      this.#attempts.set(deviceId, 1)
      return { name: 'defer' }
    }
    return { name: 'fail', reason: { code } }
  }

  #whenOffline(): TargetEvent {
    const reason = { code: 'offline' satisfies ReasonCode } as const
    const { mode } = this.#parts.action.started.policy?.offline ?? { mode: 'fail' }
    if (mode === 'wait') return { name: 'defer', reason }
    return { name: mode === 'skip' ? 'skip' : 'fail', reason }
  }

  /** Writes down what happened, and gives a device that waits again its place. */
  async #place(deviceId: DeviceId, event: TargetEvent): Promise<void> {
    const { store, clock } = this.#tools
    const { action, lanes, away } = this.#parts
    const { actionId } = action.started
    const isAway = event.reason?.code === 'offline'
    // A device that only waits for its turn once more has nothing to tell.
    const isNews = event.name !== 'defer' || isAway || action.targets.statusOf(deviceId) !== 'waiting'
    if (isNews) await store.record(actionId, deviceId, event)
    if (event.name !== 'defer' || action.targets.statusOf(deviceId) !== 'waiting') return
    if (isAway) away.add(deviceId, clock.now().getTime())
    else lanes.add(deviceId)
  }
}
