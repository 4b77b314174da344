import type { DeviceId } from '../../contract/app/ids.ts'
import type { Hold } from '../../contract/app/policy.ts'
import { AppError } from '../../contract/errors.ts'
import { condition, planJobs, refusedByJobs } from '../domain/job-plan.ts'
import type { Asking, KindRules } from '../domain/kinds/kind.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import { reasonOfError } from '../domain/send-failure.ts'
import { isToBeFollowed, type TargetEvent } from '../domain/target.ts'
import type { HubEvent } from '../ports/hub-events.ts'
import type { HubJobs, NewJob } from '../ports/hub-jobs.ts'
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

/** A job that begins later is looked at now and then all the same: somebody else may cancel it. */
const lookAtLeastEachMs = 600_000

/** A job that is yet to be made. */
interface PlannedJob {
  readonly deviceIds: readonly DeviceId[]
  readonly startAt: Date
}

/**
 * Lets jobs of the hub ask the devices and follows what they say to the proof. Where one job cannot name them all, the
 * others are made at once too, to begin one after the other; a hub that does not take them ahead of time gets each when
 * there is room. A job goes on without the app; the next start takes it up again.
 */
export class JobRun {
  readonly #tools: RunnerTools
  readonly #action: ActionRecord
  readonly #rules: KindRules
  readonly #asker: Asker
  readonly #follower: Follower | undefined
  readonly #sleeper: Sleeper
  readonly #ending = new AbortController()
  /** Ends the rests between two looks: a person has cancelled, or the app closes. */
  readonly #stopping = new AbortController()
  /** When each job begins that has not. */
  readonly #startsAt = new Map<string, string>()

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
      this.#stopping.abort()
      this.#sleeper.wake()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    const stopListening = this.#action.onChange(() => {
      if (this.#action.campaign.hasStopped) this.#stopping.abort()
      this.#sleeper.wake()
    })
    const following = this.#follower?.run(this.#ending.signal)
    this.#takeUp()
    const work = [...this.#action.jobs.map(({ jobId }) => this.#watch(jobId)), this.#createRest()]
    try {
      await Promise.all(work)
      while (!this.#isEnding && (this.#follower?.size ?? 0) > 0) await this.#sleeper.sleep()
    } catch (error) {
      await this.#halt(error)
    } finally {
      end()
      signal.removeEventListener('abort', end)
      stopListening()
      await Promise.allSettled([...work, following])
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

  listening(): void {
    this.#follower?.hurryAll()
  }

  /** Devices that had accepted before the app ended are followed on. */
  #takeUp(): void {
    for (const deviceId of this.#action.targets.withStatus('working'))
      this.#follower?.add(deviceId, this.#asker.asKnown(deviceId))
  }

  /** Makes the jobs for those who are not in one yet, and ends when all of them have ended. */
  async #createRest(): Promise<void> {
    const { started } = this.#action
    const watches: Promise<void>[] = []
    for (const job of await this.#plan()) {
      const [first] = job.deviceIds
      if (this.#isEnding || this.#action.campaign.hasStopped || first === undefined) break
      const jobId = `${started.actionId}-${this.#action.jobs.length + 1}`
      await this.#tools.store.startJob(started.actionId, jobId, job.deviceIds)
      if (await this.#create(jobId, job)) watches.push(this.#watch(jobId))
    }
    await Promise.all(watches)
  }

  async #plan(): Promise<readonly PlannedJob[]> {
    const { targets, started } = this.#action
    const asked = new Map<DeviceId, string>()
    for (const deviceId of [...targets.withStatus('waiting')]) {
      const request = this.#rules.request(this.#asking(deviceId))
      const refusal = refusedByJobs(request)
      if (refusal) await this.#record(deviceId, refusal)
      else asked.set(deviceId, JSON.stringify(request))
    }
    const base = Math.max(this.#now(), Date.parse(started.startAt ?? '') || 0)
    return planJobs(asked, this.#tools.pace.jobs).map(({ deviceIds, delayMs }) => ({
      deviceIds,
      startAt: new Date(base + delayMs),
    }))
  }

  #asking(deviceId: DeviceId, jobStartsAt = this.#firstStartAt): Asking {
    const { started } = this.#action
    return {
      actionId: started.actionId,
      dialect: this.#asker.asKnown(deviceId).dialect,
      now: new Date(started.at),
      notAfter: new Date(jobStartsAt.getTime() + started.deadlineMs + skewMs),
    }
  }

  get #firstStartAt(): Date {
    const { startAt, at } = this.#action.started
    return new Date(Math.max(Date.parse(startAt ?? at), Date.parse(at)))
  }

  /** Resolves with whether the hub has the job. */
  async #create(jobId: string, { deviceIds, startAt }: PlannedJob): Promise<boolean> {
    while (!this.#isEnding) {
      if (this.#action.campaign.hasStopped) return this.#neverMade(deviceIds)
      try {
        await (await this.#jobs()).create(this.#newJob(jobId, deviceIds, startAt), this.#ending.signal)
        return true
      } catch (error) {
        // Made already, and the answer was lost.
        if (error instanceof AppError && error.code === 'conflict') return true
        if (error instanceof AppError && refusals.has(error.code)) return this.#giveUp(deviceIds, error)
        await this.#waitOut(error)
      }
    }
    return false
  }

  #newJob(jobId: string, deviceIds: readonly DeviceId[], planned: Date): NewJob {
    const startAt = new Date(Math.max(this.#now(), planned.getTime()))
    const [first] = deviceIds
    const request = first === undefined ? undefined : this.#rules.request(this.#asking(first, startAt))
    if (!request) throw new Error('A job was planned that asks for nothing.')
    return {
      ...{ jobId, request, startAt },
      ...{ condition: condition(deviceIds), mostMs: this.#action.started.deadlineMs },
    }
  }

  /** A person has cancelled before the hub had room for the job. */
  async #neverMade(deviceIds: readonly DeviceId[]): Promise<false> {
    for (const deviceId of deviceIds)
      await this.#record(deviceId, { name: 'skip', reason: { code: 'stopped' } })
    return false
  }

  /** The hub has refused to make the job, so it asks nobody. */
  async #giveUp(deviceIds: readonly DeviceId[], error: AppError): Promise<false> {
    await this.#halt(error)
    this.#ending.abort()
    const reason = reasonOfError('hub-refused', error)
    await Promise.all(deviceIds.map((deviceId) => this.#record(deviceId, { name: 'fail', reason })))
    return false
  }

  #watch(jobId: string): Promise<void> {
    const watch = new JobWatch({
      ...{ jobId, action: this.#action, rules: this.#rules, signal: this.#ending.signal },
      jobs: () => this.#jobs(),
      asking: (deviceId) => this.#asking(deviceId),
      record: (deviceId, event) => this.#record(deviceId, event),
      show: (startAt) => this.#showStart(jobId, startAt),
      waitOut: (error) => this.#waitOut(error),
      rest: (startAt) => this.#rest(startAt),
      now: () => this.#now(),
    })
    return watch.run().finally(() => this.#startsAt.delete(jobId))
  }

  /** The action waits only while none of its jobs has begun. */
  #showStart(jobId: string, startAt: string | undefined): void {
    if (startAt === undefined) this.#startsAt.delete(jobId)
    else this.#startsAt.set(jobId, startAt)
    const hasBegun = this.#action.jobs.some(
      (job) => !this.#startsAt.has(job.jobId) && job.deviceIds.some((id) => this.#isOpen(id)),
    )
    const [first] = [...this.#startsAt.values()].sort()
    this.#show(hasBegun || first === undefined ? undefined : { kind: 'scheduled', startAt: first })
  }

  #isOpen(deviceId: DeviceId): boolean {
    return this.#action.targets.statusOf(deviceId) === 'sending'
  }

  async #rest(startAt: string | undefined): Promise<void> {
    const untilStartMs = startAt === undefined ? 0 : Date.parse(startAt) - this.#now()
    await this.#wait(Math.min(lookAtLeastEachMs, Math.max(this.#lookEachMs, untilStartMs)))
  }

  /** A person who cancels is not kept waiting; what comes after that has its pauses all the same. */
  async #wait(durationMs: number): Promise<void> {
    const { signal } = this.#action.campaign.hasStopped ? this.#ending : this.#stopping
    await this.#tools.clock.wait(durationMs, signal)
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
    await this.#wait(waitMs)
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
