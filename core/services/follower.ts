import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { askAgainDelayMs, nextReadDelayMs } from '../domain/pacing.ts'
import type { Following, Sighting, TwinRules } from '../domain/kinds/kind.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import type { Asker } from './asker.ts'

interface Followed {
  readonly action: ActionRecord
  readonly rules: TwinRules
  readonly asker: Asker
}

/** Looks at the twins of devices that were asked, until the twin proves something or the time is over. */
export class Follower {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #rules: TwinRules
  readonly #asker: Asker

  constructor(tools: RunnerTools, { action, rules, asker }: Followed) {
    this.#tools = tools
    this.#action = action
    this.#rules = rules
    this.#asker = asker
  }

  async follow(deviceId: DeviceId, start: Following, signal: AbortSignal): Promise<void> {
    const { clock, pace, store } = this.#tools
    const { actionId, deadlineMs } = this.#action.started
    const startedAt = clock.now().getTime()
    const again = new AskingAgain(startedAt)
    let following = start
    let last: Sighting | undefined

    for (;;) {
      const elapsedMs = clock.now().getTime() - startedAt
      if (elapsedMs >= deadlineMs) break
      await clock.wait(Math.min(nextReadDelayMs(pace.following, elapsedMs), deadlineMs - elapsedMs), signal)
      if (signal.aborted) return

      const sighting = await this.look(deviceId, signal)
      if (!sighting) continue
      last = sighting
      const judgement = this.#rules.judge(following, sighting)
      following = judgement.following
      if (judgement.event) await store.record(actionId, deviceId, judgement.event)
      if (judgement.event && judgement.event.name !== 'leave') return
      if (sighting.isConnected && again.isDue(clock.now().getTime()))
        await this.#askAgain(deviceId, following, signal)
    }
    await store.record(actionId, deviceId, this.#rules.judgeDeadline(following, last))
  }

  /** Nobody knows whether the device was reached: the same question under the same id tells, and harms nobody. */
  async #askAgain(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#tools
    const { actionId, hubId } = this.#action.started
    const target = this.#action.targets.get(deviceId)
    if (target?.status !== 'unknown' || !this.#rules.canAskAgain(following)) return
    // A person who has started something newer on this device does not want the old request any more.
    if (store.lastActionOf(hubId, deviceId)?.actionId !== actionId) return
    await this.#asker.pacer.take(signal)
    if (signal.aborted || !(await store.record(actionId, deviceId, { name: 'ask', reason: target.reason })))
      return
    try {
      await store.record(actionId, deviceId, await this.#asker.ask(deviceId, following, signal))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      // A refusal of the hub says nothing about the first time: the device stays unknown.
      log.warn('ask-again-failed', { code: error.code })
    }
  }

  /** One look at the twin; undefined when the hub could not be asked, which says nothing about the device. */
  async look(deviceId: DeviceId, signal: AbortSignal): Promise<Sighting | undefined> {
    const { gateway, pace, fleet, clock, log } = this.#tools
    await pace.reads.take(signal)
    try {
      const twin = await gateway.readTwin(deviceId, signal)
      const readAt = clock.now().toISOString()
      fleet.observe(this.#action.started.hubId, twin, readAt)
      const { reported, desired, tags, version } = twin
      return { isConnected: twin.connectionState === 'Connected', reported, desired, tags, version, readAt }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') pace.reads.pause(error.retryAfterMs ?? 1_000)
      log.warn('twin-read-failed', { code: error.code })
      return undefined
    }
  }
}

/** When one device is asked again. */
class AskingAgain {
  #times = 0
  #lastAt: number

  constructor(startedAt: number) {
    this.#lastAt = startedAt
  }

  isDue(now: number): boolean {
    const delayMs = askAgainDelayMs(this.#times)
    if (delayMs === undefined || now - this.#lastAt < delayMs) return false
    this.#times += 1
    this.#lastAt = now
    return true
  }
}
