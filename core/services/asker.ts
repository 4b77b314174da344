import type { DeviceId } from '../../contract/app/ids.ts'
import { recogniseDialect, tutorialRestartTime } from '../domain/dialect.ts'
import type { Following, HubAnswer, HubRequest, KindRules } from '../domain/kinds/kind.ts'
import type { TargetEvent } from '../domain/target.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import type { Pacer } from './pacer.ts'

/** A request that was held up longer than this, plus what clocks differ by, is not carried out any more. */
const validForMs = 5 * 60_000

/** Asks one device at a time for what an action is about. */
export class Asker {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #rules: KindRules

  constructor(tools: RunnerTools, action: ActionRecord, rules: KindRules) {
    this.#tools = tools
    this.#action = action
    this.#rules = rules
  }

  /** What has to be known before the device is asked; errors are the gateway's, and nothing was sent. */
  async prepare(deviceId: DeviceId, signal: AbortSignal): Promise<Following> {
    const { fleet, gateway, pace } = this.#tools
    const { actionId, hubId } = this.#action.started
    const dialect = fleet.rowOf(hubId, deviceId)?.dialect
    const unseen = { actionId, leftAt: undefined, returnedAt: undefined, restartTimeBefore: undefined }
    if (!this.#rules.needsTwinFirst(dialect)) return { ...unseen, dialect: dialect ?? 'tutorial' }

    await pace.reads.take(signal)
    const twin = await gateway.readTwin(deviceId, signal)
    const recognised = recogniseDialect(twin.reported) ?? 'tutorial'
    return { ...unseen, dialect: recognised, restartTimeBefore: tutorialRestartTime(twin.reported) }
  }

  /** The rate that the asking is subject to. */
  get pacer(): Pacer {
    const { pace } = this.#tools
    return this.#action.started.parameters.kind === 'reboot' ||
      this.#action.started.parameters.kind === 'method'
      ? pace.methods
      : pace.updates
  }

  /** Sends the request once; errors are the gateway's. */
  async ask(deviceId: DeviceId, { dialect, actionId }: Following, signal: AbortSignal): Promise<TargetEvent> {
    const notAfter = new Date(this.#tools.clock.now().getTime() + validForMs)
    const request = this.#rules.request({ actionId, dialect, notAfter })
    return this.#rules.judgeAnswer(await this.#answer(deviceId, request, signal))
  }

  async #answer(deviceId: DeviceId, request: HubRequest, signal: AbortSignal): Promise<HubAnswer> {
    const { gateway, clock } = this.#tools
    if (request.type === 'method') {
      const { methodName, responseTimeoutMs } = request
      const call = { deviceId, methodName, payload: request.payload, responseTimeoutMs }
      const { status, payload } = await gateway.invokeMethod(call, signal)
      return { type: 'method', status, payload, at: clock.now().toISOString() }
    }
    const { section, patch } = request
    const version = await gateway.patchTwin({ deviceId, section, patch }, signal)
    return { type: 'patch', version, at: clock.now().toISOString() }
  }
}
