import { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { Json } from '../domain/json.ts'
import { fullBucket, refilled, type Bucket, type Rate } from '../domain/pacing.ts'
import type { Quota } from '../domain/quota.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  DeviceTwin,
  HubGateway,
  MethodAnswer,
  MethodCall,
  QueriedDevice,
  StatusCount,
} from '../ports/hub-gateway.ts'
import { FakeEvents } from './fake-events.ts'
import { FakeJobs } from './fake-jobs.ts'

/** How one device takes a reboot. */
export interface Behaviour {
  /** From its yes to its report. Milliseconds; without end for a device that never returns. */
  readonly downMs: number
  /** What it says instead of yes. */
  readonly refusal?: number
  /** It reports that it failed. */
  readonly fails?: boolean
  readonly offlineUntil?: number
}

export interface VirtualHubOptions {
  readonly clock: Clock
  readonly deviceIds: readonly DeviceId[]
  /** What the hub allows; absent means everything. */
  readonly quota?: Quota
  readonly behaviourOf?: (number: number) => Behaviour
  /** How long a request takes. Milliseconds. */
  readonly latencyMs?: number
  /** Whether the hub tells by itself what devices report. */
  readonly tellsReports?: boolean
  /** How far a query is behind; and which devices it leaves out at that time. Milliseconds. */
  readonly queryLagMs?: number
  readonly isMissing?: (number: number, now: number) => boolean
  /** The error that a method call ends in, and whether the device got it all the same. */
  readonly faultOf?: (
    number: number,
  ) => { readonly error: AppError; readonly isDelivered: boolean } | undefined
}

interface InFlight {
  readonly number: number
  readonly actionId: string
  readonly arrivesAt: number
}

const usual: Behaviour = { downMs: 60_000 }
const pageSize = 1000

/**
 * A hub in memory with a fleet of our agents on a virtual clock: its documented limits and its bill are real, and each
 * device knows which actions it has carried out. In columns, so that a million devices are no matter.
 */
export class VirtualHub implements HubGateway {
  readonly hostName = 'virtual.azure-devices.net'
  readonly jobs = new FakeJobs()
  readonly events = new FakeEvents()
  /** How often each device was rebooted. */
  readonly effects: Uint8Array
  /** Messages as Azure bills them. */
  billed = 0
  requests = 0
  throttled = 0
  /** What the hub answers instead of everything else: a key that was revoked, a line that is down. */
  outage: AppError | undefined
  readonly #options: VirtualHubOptions
  readonly #numbers: ReadonlyMap<string, number>
  readonly #actionIds: (string | undefined)[] = []
  /** When each device's report is on the hub. */
  readonly #reportedAt: Float64Array
  readonly #leftAt: Float64Array
  readonly #buckets = new Map<string, Bucket>()
  /** How many reports the hub takes in each second. */
  readonly #reports = new Map<number, number>()
  /** What was sent and has not reached its device yet. */
  readonly #inFlight = new Set<InFlight>()

  constructor(options: VirtualHubOptions) {
    const { length } = options.deviceIds
    this.#options = options
    this.#numbers = new Map(options.deviceIds.map((deviceId, number) => [deviceId, number]))
    this.effects = new Uint8Array(length)
    this.#reportedAt = new Float64Array(length).fill(Infinity)
    this.#leftAt = new Float64Array(length).fill(Infinity)
  }

  /** The same hub and devices, on a clock of their own: what is in flight arrives there, too, and nobody hears of it. */
  fork(options: Partial<VirtualHubOptions> & { readonly clock: Clock }): VirtualHub {
    const fork = new VirtualHub({ ...this.#options, ...options })
    fork.effects.set(this.effects)
    fork.#reportedAt.set(this.#reportedAt)
    fork.#leftAt.set(this.#leftAt)
    for (const [number, actionId] of this.#actionIds.entries()) fork.#actionIds[number] = actionId
    for (const [second, count] of this.#reports) fork.#reports.set(second, count)
    for (const call of this.#inFlight) fork.#deliver(call).catch(() => undefined)
    return fork
  }

  async *listDevices(): AsyncGenerator<readonly QueriedDevice[]> {
    const { deviceIds, queryLagMs = 0, isMissing } = this.#options
    await this.#arrive()
    const at = this.#now() - queryLagMs
    for (let from = 0; from < deviceIds.length; from += pageSize) {
      const page = deviceIds.slice(from, from + pageSize).map((_, index) => from + index)
      this.billed += Math.ceil(page.length / 16)
      yield page.filter((number) => !isMissing?.(number, this.#now())).map((number) => this.#twin(number, at))
      await Promise.resolve()
    }
  }

  async countReports(): Promise<readonly StatusCount[]> {
    this.billed += 1
    await this.#arrive()
    const at = this.#now() - (this.#options.queryLagMs ?? 0)
    const done = this.#reportedAt.reduce((count, reportedAt) => count + Number(reportedAt <= at), 0)
    return done === 0 ? [] : [{ status: 'completed', devices: done }]
  }

  check(): Promise<void> {
    return Promise.resolve()
  }

  async readTwin(deviceId: DeviceId): Promise<DeviceTwin> {
    this.#spend('reads')
    this.billed += 1
    await this.#arrive()
    return this.#twin(this.#numberOf(deviceId), this.#now())
  }

  async invokeMethod({ deviceId, payload }: MethodCall): Promise<MethodAnswer> {
    this.requests += 1
    this.#spend('methods')
    this.billed += 2
    const number = this.#numberOf(deviceId)
    const { actionId } = payload as { actionId: string }
    const arrivesAt = this.#now() + (this.#options.latencyMs ?? 0)
    return this.#deliver({ number, actionId, arrivesAt })
  }

  async #deliver(call: InFlight): Promise<MethodAnswer> {
    const { number, actionId, arrivesAt } = call
    this.#inFlight.add(call)
    await this.#arrive(arrivesAt - this.#now())
    this.#inFlight.delete(call)
    const { refusal, offlineUntil = 0 } = this.#behaviourOf(number)
    if (this.#now() < offlineUntil || !this.#isConnected(number, this.#now()))
      throw new AppError('device-offline', 'The device is not connected.')
    const fault = this.#options.faultOf?.(number)
    if (fault && !fault.isDelivered) throw fault.error
    if (refusal === undefined) this.#reboot(number, actionId)
    if (fault) throw fault.error
    return { status: refusal ?? 202, payload: null }
  }

  patchTwin(): Promise<number> {
    return Promise.reject(new Error('The virtual hub takes no patches.'))
  }

  close(): void {}

  /** The same action again has no second effect: our agent answers from memory. */
  #reboot(number: number, actionId: string): void {
    if (this.#actionIds[number] === actionId) return
    const { downMs } = this.#behaviourOf(number)
    this.#actionIds[number] = actionId
    this.effects[number] = (this.effects[number] ?? 0) + 1
    this.#leftAt[number] = this.#now() + 1_000
    const backAt = this.#now() + 1_000 + downMs
    this.#reportedAt[number] = backAt === Infinity ? Infinity : this.#reportAt(backAt)
    if (this.#options.tellsReports && backAt < Infinity) void this.#tell(number)
  }

  async #tell(number: number): Promise<void> {
    const at = this.#reportedAt[number] ?? 0
    await this.#options.clock.wait(at - this.#now())
    const { deviceId, reported, version } = this.#twin(number, at)
    this.events.tell({ kind: 'reported', deviceId, reported, version })
  }

  /** Reports share the hub's limit of twin updates, so they may have to wait for each other. */
  #reportAt(backAt: number): number {
    this.billed += 1
    const { quota } = this.#options
    if (!quota) return backAt
    let second = Math.floor(backAt / 1000)
    while ((this.#reports.get(second) ?? 0) >= quota.updatesPerSecond) second += 1
    this.#reports.set(second, (this.#reports.get(second) ?? 0) + 1)
    return Math.max(backAt, second * 1000)
  }

  #twin(number: number, at: number): DeviceTwin {
    const deviceId = this.#options.deviceIds[number] ?? ''
    return {
      deviceId,
      status: 'enabled',
      connectionState: this.#isConnected(number, at) ? 'Connected' : 'Disconnected',
      lastActivityTime: undefined,
      reported: this.#reported(number, at),
      desired: {},
      tags: {},
      version: 1,
      etag: '',
    }
  }

  #reported(number: number, at: number): Json {
    const isBack = at >= (this.#reportedAt[number] ?? Infinity)
    const bootId = isBack ? 'boot-b' : 'boot-a'
    const agent = { version: '1.0.0', bootId, firmwareVersion: '2.4.1', actions: ['reboot'] }
    const actionId = this.#actionIds[number]
    if (!isBack || actionId === undefined) return { iothubDM: { agent } }
    const { fails, downMs } = this.#behaviourOf(number)
    const outcome = fails
      ? { status: 'failed', error: { code: 'did-not-reboot' } }
      : { status: 'completed', bootIdBefore: uuid(number, 'a'), bootIdAfter: uuid(number, 'b') }
    const startedAt = new Date(this.#leftAt[number] ?? 0)
    const endedAt = new Date(startedAt.getTime() + downMs)
    const times = { startedAt: startedAt.toISOString(), endedAt: endedAt.toISOString() }
    return { iothubDM: { agent, reboot: { actionId, ...outcome, ...times } } }
  }

  #isConnected(number: number, at: number): boolean {
    const { offlineUntil = 0 } = this.#behaviourOf(number)
    if (at < offlineUntil) return false
    return at < (this.#leftAt[number] ?? Infinity) || at >= (this.#reportedAt[number] ?? Infinity)
  }

  #behaviourOf(number: number): Behaviour {
    return this.#options.behaviourOf?.(number) ?? usual
  }

  #numberOf(deviceId: DeviceId): number {
    const number = this.#numbers.get(deviceId)
    if (number === undefined) throw new AppError('not-found', 'No such device.')
    return number
  }

  /** The hub's own meter; it asks those who are too fast to wait for a second. */
  #spend(meter: 'methods' | 'reads'): void {
    const { quota } = this.#options
    if (!quota) return
    const perSecond = meter === 'methods' ? quota.methodsPerSecond : quota.readsPerSecond
    const rate: Rate = { perSecond, burst: perSecond }
    const bucket = refilled(rate, this.#buckets.get(meter) ?? fullBucket(rate, this.#now()), this.#now())
    if (bucket.tokens < 1) {
      this.throttled += 1
      throw new AppError('throttled', 'The hub is at its limit.', { retryAfterMs: 1_000 })
    }
    this.#buckets.set(meter, { ...bucket, tokens: bucket.tokens - 1 })
  }

  async #arrive(latencyMs = this.#options.latencyMs ?? 0): Promise<void> {
    if (this.outage) throw this.outage
    await (latencyMs > 0 ? this.#options.clock.wait(latencyMs) : Promise.resolve())
  }

  #now(): number {
    return this.#options.clock.now().getTime()
  }
}

/** As long as a real boot id, so that what is kept of it weighs what it weighs. */
function uuid(number: number, life: string): string {
  return `${String(number).padStart(8, '0')}-0000-4000-8000-00000000000${life}`
}

export function manyDevices(count: number): DeviceId[] {
  return Array.from({ length: count }, (_, number) =>
    DeviceId.parse(`pump-${String(number).padStart(7, '0')}`),
  )
}
