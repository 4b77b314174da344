import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import { recogniseDialect, tutorialRestartTime } from '../domain/dialect.ts'
import { judgeAnswer, rebootRequest, type Following } from '../domain/reboot.ts'
import { concernsEveryDevice, judgeSendFailure } from '../domain/send-failure.ts'
import type { TargetEvent } from '../domain/target.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from './action-record.ts'
import type { ActionStore } from './action-store.ts'
import type { FleetService } from './fleet-service.ts'
import { Follower } from './follower.ts'
import type { HubPace } from './hub-pace.ts'
import { toProblem } from './problem.ts'

/** What an action needs while it runs. */
export interface RunnerTools {
  readonly store: ActionStore
  readonly fleet: FleetService
  readonly gateway: HubGateway
  readonly pace: HubPace
  readonly clock: Clock
  readonly log: Log
}

/** How many devices are asked at the same time; the gateway has as many sockets. */
const mostAtOnce = 16

/** How long a device has to say yes. */
const responseTimeoutMs = 30_000

/** A request that was held up longer than this, plus what clocks differ by, is not carried out any more. */
const validForMs = 5 * 60_000

/** What a hub that names no time is given when it is at its limit. */
const usualPauseMs = 10_000

/** Sends one action to its targets, and follows each until it is settled or its time is over. */
export class ActionRunner {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #follower: Follower
  readonly #queue: DeviceId[]
  readonly #following: Promise<void>[] = []

  constructor(tools: RunnerTools, action: ActionRecord) {
    this.#tools = tools
    this.#action = action
    this.#follower = new Follower(tools, action)
    this.#queue = [...action.targets.keys()]
  }

  /** Ends when every target is settled or out of time, or when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: mostAtOnce }, () => this.#work(signal)))
    await Promise.all(this.#following)
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let deviceId = this.#queue.shift(); deviceId && !signal.aborted; deviceId = this.#queue.shift()) {
      if (this.#action.targets.get(deviceId)?.status === 'waiting') await this.#send(deviceId, signal)
    }
  }

  async #send(deviceId: DeviceId, signal: AbortSignal): Promise<void> {
    const { store, pace } = this.#tools
    const { actionId } = this.#action.started
    try {
      const following = await this.#prepare(deviceId, signal)
      await pace.methods.take(signal)
      if (signal.aborted || !(await store.record(actionId, deviceId, { name: 'send' }))) return

      const event = await this.#ask(deviceId, following, signal)
      await store.record(actionId, deviceId, event)
      if (event.name === 'defer') this.#queue.push(deviceId)
      if (event.name === 'accept' || event.name === 'lose')
        this.#following.push(this.#follow(deviceId, following, signal))
    } catch (error) {
      await this.#giveUp(deviceId, error)
    }
  }

  async #follow(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<void> {
    try {
      await this.#follower.follow(deviceId, following, signal)
    } catch (error) {
      await this.#giveUp(deviceId, error)
    }
  }

  /** A tutorial device proves nothing by itself, so what it had reported before is read first. */
  async #prepare(deviceId: DeviceId, signal: AbortSignal): Promise<Following> {
    const { actionId, hubId } = this.#action.started
    const unseen = { actionId, leftAt: undefined, returnedAt: undefined }
    if (this.#tools.fleet.rowOf(hubId, deviceId)?.dialect === 'drover') {
      return { ...unseen, dialect: 'drover', restartTimeBefore: undefined }
    }
    await this.#tools.pace.reads.take(signal)
    const twin = await this.#tools.gateway.readTwin(deviceId, signal)
    const dialect = recogniseDialect(twin.reported) ?? 'tutorial'
    return { ...unseen, dialect, restartTimeBefore: tutorialRestartTime(twin.reported) }
  }

  async #ask(
    deviceId: DeviceId,
    { dialect, actionId }: Following,
    signal: AbortSignal,
  ): Promise<TargetEvent> {
    const { gateway, clock, pace } = this.#tools
    const notAfter = new Date(clock.now().getTime() + validForMs)
    const { methodName, payload } = rebootRequest(dialect, actionId, notAfter)
    try {
      const answer = await gateway.invokeMethod({ deviceId, methodName, payload, responseTimeoutMs }, signal)
      return judgeAnswer(answer)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') pace.methods.pause(error.retryAfterMs ?? usualPauseMs)
      if (concernsEveryDevice(error)) await this.#halt(error)
      return judgeSendFailure(error)
    }
  }

  /** The hub would refuse every other device too: they fail now, and nothing was sent to them. */
  async #halt(error: AppError): Promise<void> {
    const { store } = this.#tools
    const { actionId } = this.#action.started
    store.halt(actionId, toProblem(error))
    const rest = this.#queue.splice(0)
    await Promise.all(
      rest.map((id) => store.record(actionId, id, { name: 'fail', reason: { code: 'hub-refused' } })),
    )
  }

  /** Preparing failed, or the journal did: what was not sent has failed, and what was sent is unknown. */
  async #giveUp(deviceId: DeviceId, error: unknown): Promise<void> {
    const { store, log } = this.#tools
    if (!(error instanceof AppError)) log.bug('action-send', error)
    const failure =
      error instanceof AppError ? error : new AppError('internal', 'Drover made a mistake of its own.')
    const wasSent = this.#action.targets.get(deviceId)?.status !== 'waiting'
    try {
      await store.record(this.#action.started.actionId, deviceId, wasSent ? lost(failure) : notSent(failure))
      if (concernsEveryDevice(failure)) await this.#halt(failure)
    } catch (cause) {
      // The journal takes nothing more: without it nothing may be sent.
      log.bug('action-record', cause)
      this.#queue.length = 0
      store.halt(this.#action.started.actionId, toProblem(cause))
    }
  }
}

function lost({ message }: AppError): TargetEvent {
  return { name: 'lose', reason: { code: 'no-answer', detail: message } }
}

function notSent(failure: AppError): TargetEvent {
  const code = judgeSendFailure(failure).reason?.code ?? 'unreached'
  return {
    name: 'fail',
    reason: { code: code === 'no-answer' ? 'unreached' : code, detail: failure.message },
  }
}
