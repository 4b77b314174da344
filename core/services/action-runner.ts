import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { Following } from '../domain/kinds/kind.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import { concernsEveryDevice, judgeSendFailure } from '../domain/send-failure.ts'
import type { TargetEvent } from '../domain/target.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from './action-record.ts'
import type { ActionStore } from './action-store.ts'
import { Asker } from './asker.ts'
import type { FleetService } from './fleet-service.ts'
import { Follower } from './follower.ts'
import type { HubPace } from './hub-pace.ts'
import type { Pacer } from './pacer.ts'
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

/** What a hub that names no time is given when it is at its limit. */
const usualPauseMs = 10_000

/** Sends one action to its targets, and follows each until it is settled or its time is over. */
export class ActionRunner {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #asker: Asker
  readonly #follower: Follower | undefined
  /** A device that the hub deferred is appended; shifting an array of a hundred thousand moves them all each time. */
  readonly #queue: DeviceId[]
  #taken = 0
  readonly #following: Promise<void>[] = []

  /** Errors: `invalid-input` for parameters that cannot be sent. */
  constructor(tools: RunnerTools, action: ActionRecord) {
    const rules = rulesFor(action.started.parameters)
    this.#tools = tools
    this.#action = action
    this.#asker = new Asker(tools, action, rules)
    this.#follower = rules.twin && new Follower(tools, { action, rules: rules.twin, asker: this.#asker })
    this.#queue = [...action.targets.keys()]
  }

  /** Ends when every target is settled or out of time, or when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: mostAtOnce }, () => this.#work(signal)))
    await Promise.all(this.#following)
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let deviceId = this.#take(); deviceId && !signal.aborted; deviceId = this.#take()) {
      if (this.#action.targets.get(deviceId)?.status === 'waiting') await this.#send(deviceId, signal)
    }
  }

  #take(): DeviceId | undefined {
    const deviceId = this.#queue[this.#taken]
    if (deviceId !== undefined) this.#taken += 1
    return deviceId
  }

  /** Nobody is asked any more; returns those who were not. */
  #takeAll(): DeviceId[] {
    const rest = this.#queue.slice(this.#taken)
    this.#taken = this.#queue.length
    return rest
  }

  async #send(deviceId: DeviceId, signal: AbortSignal): Promise<void> {
    const { store } = this.#tools
    const { actionId } = this.#action.started
    try {
      const following = await this.#asker.prepare(deviceId, signal)
      await this.#asker.pacer.take(signal)
      if (signal.aborted || !(await store.record(actionId, deviceId, { name: 'send' }))) return

      const event = await this.#ask(deviceId, following, signal)
      await store.record(actionId, deviceId, event)
      if (event.name === 'defer') this.#queue.push(deviceId)
      if (event.name === 'accept' || event.name === 'lose')
        this.#following.push(this.#follow(deviceId, following, signal))
    } catch (error) {
      await this.#giveUp(deviceId, error, signal)
    }
  }

  async #follow(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<void> {
    try {
      await this.#follower?.follow(deviceId, following, signal)
    } catch (error) {
      await this.#giveUp(deviceId, error, signal)
    }
  }

  async #ask(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<TargetEvent> {
    try {
      return await this.#asker.ask(deviceId, following, signal)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      pauseIfThrottled(this.#asker.pacer, error)
      if (concernsEveryDevice(error)) await this.#halt(error)
      return judgeSendFailure(error)
    }
  }

  /** The hub would refuse every other device too: they fail now, and nothing was sent to them. */
  async #halt(error: AppError): Promise<void> {
    const { store } = this.#tools
    const { actionId } = this.#action.started
    store.halt(actionId, toProblem(error))
    const rest = this.#takeAll()
    await Promise.all(
      rest.map((id) => store.record(actionId, id, { name: 'fail', reason: { code: 'hub-refused' } })),
    )
  }

  #asAppError(error: unknown): AppError {
    if (error instanceof AppError) return error
    this.#tools.log.bug('action-send', error)
    return new AppError('internal', 'Drover made a mistake of its own.')
  }

  /** Preparing failed, or the journal did: what was not sent has failed, and what was sent is unknown. */
  async #giveUp(deviceId: DeviceId, error: unknown, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#tools
    const failure = this.#asAppError(error)
    const wasSent = this.#action.targets.get(deviceId)?.status !== 'waiting'
    // The app is closing: what was not sent waits in the journal, and the next start says so.
    if (!wasSent && signal.aborted) return
    // A hub at its limit fails nobody: the device that could not be prepared is asked again later.
    if (!wasSent && pauseIfThrottled(this.#tools.pace.reads, failure)) return void this.#queue.push(deviceId)
    try {
      await store.record(this.#action.started.actionId, deviceId, wasSent ? lost(failure) : notSent(failure))
      if (concernsEveryDevice(failure)) await this.#halt(failure)
    } catch (cause) {
      // The journal takes nothing more: without it nothing may be sent.
      log.bug('action-record', cause)
      this.#takeAll()
      store.halt(this.#action.started.actionId, toProblem(cause))
    }
  }
}

function pauseIfThrottled(pacer: Pacer, error: AppError): boolean {
  if (error.code !== 'throttled') return false
  pacer.pause(error.retryAfterMs ?? usualPauseMs)
  return true
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
