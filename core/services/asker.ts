import type { ActionId, DeviceId } from '../../contract/app/ids.ts'
import type { ReasonCode } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import type { DeviceState, DialectRules } from '../domain/dialects/dialect.ts'
import { drover } from '../domain/dialects/drover.ts'
import { assumed, recognise } from '../domain/dialects/recognise.ts'
import type { HubAnswer, HubRequest } from '../domain/hub-request.ts'
import { utf8Bytes } from '../domain/json.ts'
import { kindCosts, type KindCost } from '../domain/kind-costs.ts'
import type { Asking, Following, KindRules, Restoring, Sighting } from '../domain/kinds/kind.ts'
import { planRestoring } from '../domain/kinds/restore.ts'
import { blocksOf } from '../domain/quota.ts'
import type { TwinContent } from '../domain/restoration.ts'
import { concernsEveryDevice, reasonOfRefusal } from '../domain/send-failure.ts'
import type { TargetEvent } from '../domain/target.ts'
import { keepsIdentity } from '../domain/warnings.ts'
import type { DeviceTwin } from '../ports/hub-gateway.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import type { HubPace } from './hub-pace.ts'
import type { Pacer } from './pacer.ts'
import { Toll } from './toll.ts'

/** A request that was held up longer than this, plus what clocks differ by, is not carried out any more. */
const validForMs = 5 * 60_000

/** What a hub that names no time is given when it is at its limit. Milliseconds. */
const usualPauseMs = 10_000

/** A device that may be asked now, unless an event says that nothing is to be sent. */
interface Prepared {
  readonly following: Following
  readonly event: TargetEvent | undefined
}

/** Asks one device at a time for what an action is about, and the hub about a device. */
export class Asker {
  /** What one request counts for at the hub's meter. */
  readonly cost: number
  /** All that a device takes from the hub until it is proven, so that no more are sent away than may come back. */
  readonly toll: Toll
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #rules: KindRules
  #keptTwins: Promise<ReadonlyMap<DeviceId, TwinContent>> | undefined

  constructor(tools: RunnerTools, action: ActionRecord, rules: KindRules) {
    this.#tools = tools
    this.#action = action
    this.#rules = rules
    const epoch = new Date(0)
    const sample = rules.request({ actionId: this.#actionId, dialect: drover, now: epoch, notAfter: epoch })
    this.cost = sample?.type === 'method' ? blocksOf(utf8Bytes(JSON.stringify(sample.payload))) : 1
    this.toll = this.#tollOf(tools.pace)
  }

  /** The meter of the hub that counts the requests themselves. */
  get pacer(): Pacer {
    const { methods, updates } = this.#tools.pace
    return this.#costs.methods > 0 ? methods : updates
  }

  #tollOf({ methods, updates, connections }: HubPace): Toll {
    const costs = this.#costs
    return new Toll([
      { pacer: methods, cost: costs.methods > 0 ? this.cost : 0 },
      { pacer: updates, cost: costs.updates * this.cost + costs.reports },
      { pacer: connections, cost: costs.restarts ? 1 : 0 },
    ])
  }

  get #costs(): KindCost {
    return kindCosts[this.#action.started.parameters.kind]
  }

  /**
   * What has to be known before the device is asked, and what it says already, so that nothing is sent; errors are the
   * gateway's.
   */
  async prepare(deviceId: DeviceId, signal: AbortSignal): Promise<Prepared> {
    const known = this.asKnown(deviceId)
    if (!this.#rules.needsTwinFirst(known.dialect.name)) return { following: known, event: undefined }
    const twin = await this.#readTwin(deviceId, signal)
    const { reported } = twin
    const dialect = assumed(recognise(this.#tools.dialects(), reported))
    const unseen = this.#unseen(dialect, dialect.readState(reported))
    const { keepsIdentity } = known
    const following = { ...unseen, keepsIdentity, restoring: await this.#restoring(deviceId, twin) }
    const event = this.#rules.judgeFirst?.(following)
    if (!event && this.#rules.keepsTwin) await this.#keep(deviceId, twin, following)
    return { following, event }
  }

  /** A device that was asked before the app ended. */
  async takenUp(deviceId: DeviceId): Promise<Following> {
    return { ...this.asKnown(deviceId), restoring: await this.restoringOf(deviceId) }
  }

  /** What the twin of the device is to have again; undefined for other kinds than a restore. */
  async restoringOf(deviceId: DeviceId): Promise<Restoring | undefined> {
    const kept = (await this.#kept()).get(deviceId)
    return kept && { kept, isAsSeen: false, request: undefined }
  }

  async #restoring(deviceId: DeviceId, twin: DeviceTwin): Promise<Restoring | undefined> {
    const kept = (await this.#kept()).get(deviceId)
    return kept && planRestoring(kept, { twin, seenEtag: this.#action.started.seen?.[deviceId] })
  }

  #kept(): Promise<ReadonlyMap<DeviceId, TwinContent>> {
    const { restores } = this.#rules
    this.#keptTwins ??=
      restores === undefined ? Promise.resolve(new Map()) : this.#tools.store.keptTwins(restores)
    return this.#keptTwins
  }

  async #keep(deviceId: DeviceId, { desired, tags }: DeviceTwin, { restoring }: Following): Promise<void> {
    const request = restoring?.request
    const change = request?.type === 'patch' ? { change: request.sections } : {}
    await this.#tools.store.keepTwin(this.#actionId, deviceId, { desired, tags, ...change })
  }

  /** A device of which nothing was seen yet, as the fleet knows it. */
  asKnown(deviceId: DeviceId): Following {
    const known = this.#tools.fleet.knownDevice(this.#action.started.hubId, deviceId)
    const unseen = this.#unseen(assumed(known?.dialect), known?.state ?? {})
    return { ...unseen, keepsIdentity: keepsIdentity(known?.keepsOnReset) }
  }

  /** Sends the request once, and what has to follow its answer; errors are the gateway's. */
  async ask(deviceId: DeviceId, following: Following, signal: AbortSignal): Promise<TargetEvent> {
    const { dialect, actionId, restoring, keepsIdentity } = following
    const now = this.#tools.clock.now()
    const notAfter = new Date(now.getTime() + validForMs)
    const asking: Asking = { actionId, dialect, restoring, keepsIdentity, now, notAfter }
    let request = this.#rules.request(asking)
    while (request) {
      const judged = this.#rules.judgeAnswer(await this.#answer(deviceId, request, signal), asking)
      if (!('next' in judged)) return judged
      request = judged.next
      await this.pacer.take(signal)
    }
    return { name: 'fail', reason: { code: 'unsupported' } }
  }

  /** One look at the twin; undefined when the hub could not be asked, which says nothing about the device. */
  async look(
    deviceId: DeviceId,
    signal: AbortSignal,
    onRefusal?: (error: AppError) => void,
  ): Promise<Sighting | undefined> {
    const { pace, clock, log } = this.#tools
    try {
      const twin = await this.#readTwin(deviceId, signal)
      const { reported, desired, tags, version } = twin
      const readAt = clock.now().toISOString()
      return { isConnected: twin.connectionState === 'Connected', reported, desired, tags, version, readAt }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'throttled') slowDown(pace.reads, error)
      if (concernsEveryDevice(error)) onRefusal?.(error)
      log.warn('twin-read-failed', { code: error.code })
      return undefined
    }
  }

  /** Why the hub refused to ask the device, from a second look; the first word stands where the hub does not say. */
  async explain(deviceId: DeviceId, code: ReasonCode, signal: AbortSignal): Promise<ReasonCode> {
    try {
      return reasonOfRefusal(code, await this.#readTwin(deviceId, signal))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return error.code === 'not-found' ? 'not-found' : code
    }
  }

  #unseen(dialect: DialectRules, before: DeviceState): Following {
    return { actionId: this.#actionId, dialect, before, leftAt: undefined, returnedAt: undefined }
  }

  get #actionId(): ActionId {
    return this.#action.started.actionId
  }

  async #readTwin(deviceId: DeviceId, signal: AbortSignal): Promise<DeviceTwin> {
    const { gateway, pace, fleet, clock } = this.#tools
    await pace.reads.take(signal)
    const twin = await (await gateway(signal)).readTwin(deviceId, signal)
    fleet.observe(this.#action.started.hubId, twin, clock.now().toISOString())
    return twin
  }

  async #answer(deviceId: DeviceId, request: HubRequest, signal: AbortSignal): Promise<HubAnswer> {
    const { clock } = this.#tools
    const gateway = await this.#tools.gateway(signal)
    if (request.type === 'method') {
      const { methodName, responseTimeoutMs } = request
      const call = { deviceId, methodName, payload: request.payload, responseTimeoutMs }
      const { status, payload } = await gateway.invokeMethod(call, signal)
      return { type: 'method', status, payload, at: clock.now().toISOString() }
    }
    const { sections, etag } = request
    const version = await gateway.patchTwin({ deviceId, sections, etag }, signal)
    return { type: 'patch', version, at: clock.now().toISOString() }
  }
}

/** The hub is at its limit: everybody waits as long as it says, and goes more slowly afterwards. */
export function slowDown(pacer: Pacer, error: AppError): void {
  pacer.throttled(error.retryAfterMs ?? usualPauseMs)
}
