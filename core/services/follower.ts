import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { nextReadDelayMs } from '../domain/pacing.ts'
import { judgeDeadline, judgeSighting, type Following, type Sighting } from '../domain/reboot.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'

/** Looks at the twins of devices that were asked, until the twin proves something or the time is over. */
export class Follower {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord

  constructor(tools: RunnerTools, action: ActionRecord) {
    this.#tools = tools
    this.#action = action
  }

  async follow(deviceId: DeviceId, start: Following, signal: AbortSignal): Promise<void> {
    const { clock, pace, store } = this.#tools
    const { actionId, deadlineMs } = this.#action.started
    const startedAt = clock.now().getTime()
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
      const judgement = judgeSighting(following, sighting)
      following = judgement.following
      if (!judgement.event) continue
      await store.record(actionId, deviceId, judgement.event)
      if (judgement.event.name !== 'leave') return
    }
    await store.record(actionId, deviceId, judgeDeadline(following, last))
  }

  /** One look at the twin; undefined when the hub could not be asked, which says nothing about the device. */
  async look(deviceId: DeviceId, signal: AbortSignal): Promise<Sighting | undefined> {
    const { gateway, pace, fleet, clock, log } = this.#tools
    await pace.reads.take(signal)
    try {
      const twin = await gateway.readTwin(deviceId, signal)
      const readAt = clock.now().toISOString()
      fleet.observe(this.#action.started.hubId, twin, readAt)
      return { isConnected: twin.connectionState === 'Connected', reported: twin.reported, readAt }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') pace.reads.pause(error.retryAfterMs ?? 1_000)
      log.warn('twin-read-failed', { code: error.code })
      return undefined
    }
  }
}
