import type { DeviceId } from '../../contract/app/ids.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { AppError } from '../../contract/errors.ts'
import { condition, takeForJob } from '../domain/job-plan.ts'
import type { HubRequest } from '../domain/hub-request.ts'
import type { Asking, KindRules } from '../domain/kinds/kind.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import { isToBeFollowed, type TargetEvent } from '../domain/target.ts'
import type { HubEvent } from '../ports/hub-events.ts'
import type { HubJobs } from '../ports/hub-jobs.ts'
import type { ActionRecord } from './action-record.ts'
import type { RunnerTools } from './action-runner.ts'
import { Asker } from './asker.ts'
import { Follower } from './follower.ts'
import { JobWatch } from './job-watch.ts'
import { toProblem } from './problem.ts'
import { sightingOf } from './sighting-of.ts'
import { Sleeper } from './sleeper.ts'

/** How often a job is looked at: that is not billed, and the hub allows a hundred a minute. */
const lookEachMs = { billed: 10_000, free: 500 }
/** The hub runs as many jobs as its tier allows: somebody else's has to end first. */
const busyMs = 30_000
/** A hub that is out of reach is tried again after this. */
const retryMs = 10_000
/** With these the hub says that it made nothing. */
const refusals: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'invalid-input'])
/** Clocks differ by that much. */
const skewMs = 5 * 60_000

/**
 * Lets jobs of the hub ask the devices, one job after the other where one cannot name them all, and follows what they
 * say to the proof. A job goes on without the app; the next start takes it up again.
 */
export class JobRun {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #rules: KindRules
  readonly #asker: Asker
  readonly #follower: Follower | undefined
  readonly #sleeper: Sleeper
  readonly #ending = new AbortController()

  constructor(tools: RunnerTools, action: ActionRecord) {
    this.#tools = tools
    this.#action = action
    this.#rules = rulesFor(action.started.parameters)
    this.#sleeper = new Sleeper(tools.clock)
    this.#asker = new Asker(tools, action, this.#rules)
    const { twin } = this.#rules
    const onSettled = (): void => this.#sleeper.wake()
    const onFailure = (error: unknown): void => tools.log.bug('job-follow', error)
    this.#follower =
      twin && new Follower(tools, { action, rules: twin, asker: this.#asker, onSettled, onFailure })
  }

  async run(signal: AbortSignal): Promise<void> {
    const end = (): void => {
      this.#ending.abort()
      this.#sleeper.wake()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    const stopListening = this.#action.onChange(() => this.#sleeper.wake())
    const following = this.#follower?.run(this.#ending.signal)
    try {
      this.#takeUp()
      for (const { jobId } of this.#action.jobs) await this.#watch(jobId)
      await this.#createRest()
      while (!this.#isEnding && (this.#follower?.size ?? 0) > 0) await this.#sleeper.sleep()
    } catch (error) {
      await this.#halt(error)
    } finally {
      end()
      signal.removeEventListener('abort', end)
      stopListening()
      await following
      this.#show(undefined)
    }
  }

  sighted(deviceId: DeviceId): void {
    this.#follower?.hurry(deviceId)
  }

  /** The hub tells by itself what has happened to a device. */
  told(deviceId: DeviceId, event: HubEvent): void {
    if (event.kind === 'reported') this.#follower?.tell(deviceId, sightingOf(event, this.#tools.clock.now()))
  }

  /** Devices that had accepted before the app ended are followed on. */
  #takeUp(): void {
    for (const deviceId of this.#action.targets.withStatus('working'))
      this.#follower?.add(deviceId, this.#asker.asKnown(deviceId))
  }

  async #createRest(): Promise<void> {
    const { targets, campaign, started } = this.#action
    while (!this.#isEnding && !campaign.hasStopped) {
      const [first, ...others] = targets.withStatus('waiting')
      if (first === undefined) return
      const request = this.#rules.request(this.#asking(first))
      const refusal = refusalOf(request)
      if (refusal || !request) {
        await this.#record(first, refusal ?? { name: 'fail', reason: { code: 'unsupported' } })
        continue
      }
      // One job asks all its devices for the same, so families that are asked in another way have jobs of their own.
      const text = JSON.stringify(request)
      const alike = others.filter((id) => JSON.stringify(this.#rules.request(this.#asking(id))) === text)
      const deviceIds = takeForJob([first, ...alike])
      const jobId = `${started.actionId}-${this.#action.jobs.length + 1}`
      await this.#tools.store.startJob(started.actionId, jobId, deviceIds)
      await this.#create(jobId, request, deviceIds)
      await this.#watch(jobId)
    }
  }

  #asking(deviceId: DeviceId): Asking {
    const { started } = this.#action
    const startAt = Math.max(Date.parse(started.startAt ?? started.at), Date.parse(started.at))
    return {
      actionId: started.actionId,
      dialect: this.#asker.asKnown(deviceId).dialect,
      now: new Date(started.at),
      notAfter: new Date(startAt + started.deadlineMs + skewMs),
    }
  }

  async #create(jobId: string, request: HubRequest, deviceIds: readonly DeviceId[]): Promise<void> {
    const { startAt, deadlineMs } = this.#action.started
    const job = {
      ...{ jobId, request, condition: condition(deviceIds), mostMs: deadlineMs },
      startAt: new Date(Math.max(this.#now(), Date.parse(startAt ?? '') || 0)),
    }
    while (!this.#isEnding) {
      try {
        await (await this.#jobs()).create(job, this.#ending.signal)
        return
      } catch (error) {
        // Made already, and the answer was lost.
        if (error instanceof AppError && error.code === 'conflict') return
        if (error instanceof AppError && refusals.has(error.code)) return this.#giveUp(deviceIds, error)
        await this.#waitOut(error)
      }
    }
  }

  /** The hub has refused to make the job, so it asks nobody. */
  async #giveUp(deviceIds: readonly DeviceId[], error: AppError): Promise<void> {
    await this.#halt(error)
    this.#ending.abort()
    const reason = { code: 'hub-refused', detail: error.message } as const
    await Promise.all(deviceIds.map((deviceId) => this.#record(deviceId, { name: 'fail', reason })))
  }

  #watch(jobId: string): Promise<void> {
    const watch = new JobWatch({
      ...{ jobId, action: this.#action, rules: this.#rules, signal: this.#ending.signal },
      jobs: () => this.#jobs(),
      asking: (deviceId) => this.#asking(deviceId),
      record: (deviceId, event) => this.#record(deviceId, event),
      show: (hold) => this.#show(hold),
      waitOut: (error) => this.#waitOut(error),
      rest: () => this.#sleeper.sleep(this.#lookEachMs),
      now: () => this.#now(),
    })
    return watch.run()
  }

  async #record(deviceId: DeviceId, event: TargetEvent): Promise<void> {
    const { store } = this.#tools
    await store.record(this.#action.started.actionId, deviceId, event)
    if (isToBeFollowed(event.name)) this.#follower?.add(deviceId, this.#asker.asKnown(deviceId))
  }

  #show(hold: Hold | undefined): void {
    this.#action.wait(hold)
    this.#tools.store.notify()
  }

  /** What passes by itself is waited for; everything else ends the run. */
  async #waitOut(error: unknown): Promise<void> {
    if (this.#isEnding) return
    if (!(error instanceof AppError)) throw error
    const isThrottled = error.code === 'throttled'
    if (!isThrottled && !['unreachable', 'timeout', 'unexpected-answer'].includes(error.code)) throw error
    const waitMs = isThrottled ? Math.max(error.retryAfterMs ?? 0, busyMs) : retryMs
    const until = new Date(this.#now() + waitMs).toISOString()
    this.#action.wait({ kind: isThrottled ? 'throttled' : 'unreachable', until }, toProblem(error))
    this.#tools.store.notify()
    await this.#sleeper.sleep(waitMs)
  }

  async #halt(error: unknown): Promise<void> {
    const { log, store } = this.#tools
    if (this.#isEnding) return
    if (!(error instanceof AppError)) log.bug('job-run', error)
    try {
      await store.decide(this.#action.started.actionId, { name: 'halt', problem: toProblem(error) })
    } catch (cause) {
      log.bug('job-halt', cause)
    }
  }

  async #jobs(): Promise<HubJobs> {
    return (await this.#tools.gateway(this.#ending.signal)).jobs
  }

  get #lookEachMs(): number {
    return this.#tools.pace.looking.isBilled ? lookEachMs.billed : lookEachMs.free
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  #now(): number {
    return this.#tools.clock.now().getTime()
  }
}

/** What a job cannot do: it asks a device once, and the two questions of a factory reset are for this app alone. */
function refusalOf(request: HubRequest | undefined): TargetEvent | undefined {
  const payload = request?.type === 'method' ? request.payload : undefined
  const isArming = typeof payload === 'object' && payload !== null && 'phase' in payload
  return isArming ? { name: 'fail', reason: { code: 'unsupported' } } : undefined
}
