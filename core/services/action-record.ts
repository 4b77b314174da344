import type { ActionSummary, Indexed } from '../../contract/app/action.ts'
import type { DeviceId } from '../../contract/app/ids.ts'
import type { Hold } from '../../contract/app/policy.ts'
import type { Problem } from '../../contract/app/problem.ts'
import { afterDecision, freshCampaign, type CampaignState } from '../domain/campaign.ts'
import type { ActionStarted, CampaignChanged, JobStarted } from '../domain/journal-record.ts'
import { actionStatus, type TargetEvent } from '../domain/target.ts'
import { TargetTable } from '../domain/target-table.ts'
import { planWaves, rangeOf, waveOf, type Waves } from '../domain/waves.ts'

/** One action: what was started, what was decided about it since, and where each of its targets stands now. */
export class ActionRecord {
  readonly started: ActionStarted
  readonly targets: TargetTable
  readonly waves: Waves
  readonly #listeners = new Set<() => void>()
  readonly #jobs: JobStarted[] = []
  #campaign: CampaignState
  #lastChangeAt: string
  #hold: Hold | undefined
  #problem: Problem | undefined
  #indexed: Indexed | undefined

  constructor(started: ActionStarted) {
    const { deviceIds, policy, at } = started
    const waves = planWaves(policy?.waves ?? [], deviceIds.length)
    this.started = started
    this.waves = waves
    // Everybody at once is a wave that nobody has to open.
    this.#campaign = { ...freshCampaign, wave: waves.length === 1 ? 1 : 0 }
    this.#lastChangeAt = at
    this.targets = new TargetTable(deviceIds, at, (number) =>
      waves.length > 1 ? waveOf(waves, number) : undefined,
    )
  }

  get campaign(): CampaignState {
    return this.#campaign
  }

  /** The jobs of the hub that ask the devices, in the order in which they were made. */
  get jobs(): readonly JobStarted[] {
    return this.#jobs
  }

  /** What a job names it may ask at any time from now on. */
  startJob(job: JobStarted): void {
    this.#jobs.push(job)
    for (const deviceId of job.deviceIds) this.targets.apply(deviceId, { name: 'send' }, job.at)
    this.#touch(job.at)
  }

  /** Calls the listener after each change of a target, and after each decision; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Returns whether the event applies to the target. */
  apply(deviceId: DeviceId, event: TargetEvent, at: string): boolean {
    const isChanged = this.targets.apply(deviceId, event, at)
    if (isChanged) this.#touch(at)
    return isChanged
  }

  /** Returns the devices whose targets changed with the decision. */
  decide(decision: CampaignChanged): readonly DeviceId[] {
    const { name, at, problem } = decision
    this.#campaign = afterDecision(this.#campaign, decision)
    this.#hold = undefined
    if (name === 'halt') this.#problem = problem
    if (name === 'resume') this.#problem = undefined
    const changed = this.#targetsOf(decision).filter(({ deviceId, event }) =>
      this.targets.apply(deviceId, event, at),
    )
    this.#touch(at)
    return changed.map(({ deviceId }) => deviceId)
  }

  /**
   * What the action waits for, as far as only the moment tells; what was decided is in the journal. Returns whether
   * that is new.
   */
  wait(hold: Hold | undefined, problem?: Problem): boolean {
    if (
      this.#campaign.hold ||
      JSON.stringify([hold, problem]) === JSON.stringify([this.#hold, this.#problem])
    )
      return false
    this.#hold = hold
    this.#problem = problem
    return true
  }

  /** What the index of the hub says at that time; no target changes by it. */
  index(indexed: Indexed): void {
    this.#indexed = indexed
  }

  get summary(): ActionSummary {
    const {
      deviceIds: _,
      type: _type,
      at,
      by,
      hostName: _host,
      startAt: _start,
      seen: _seen,
      query: _query,
      ...started
    } = this.started
    const status = actionStatus(this.targets.counts)
    const hasEnded = status !== 'running' && status !== 'cancelling'
    return {
      ...started,
      engine: started.engine ?? 'methods',
      createdAt: at,
      createdBy: by,
      status,
      total: this.targets.size,
      counts: { ...this.targets.counts },
      ...this.#standing(hasEnded),
      ...this.#stop,
      ...(hasEnded ? { endedAt: this.#lastChangeAt } : {}),
      ...(this.#indexed && !hasEnded ? { indexed: this.#indexed } : {}),
      ...(this.#problem ? { problem: this.#problem } : {}),
    }
  }

  /** Why nothing more is sent, and by whose word. */
  get #stop(): Pick<ActionSummary, 'abort' | 'cancellation'> {
    const { abort, cancellation } = this.#campaign
    return { ...(abort ? { abort } : {}), ...(cancellation ? { cancellation } : {}) }
  }

  #standing(hasEnded: boolean): Pick<ActionSummary, 'progress' | 'hold'> {
    const wave = Math.max(1, this.#campaign.wave)
    const { from, to } = rangeOf(this.waves, wave)
    const isInWaves = this.waves.length > 1
    const isInDoubt = this.#campaign.hold?.kind === 'interrupted' && this.targets.counts.unknown > 0
    const hold = hasEnded && !isInDoubt ? undefined : (this.#campaign.hold ?? this.#hold)
    return {
      ...(isInWaves ? { progress: { wave, waves: this.waves.length, devices: to - from } } : {}),
      ...(hold ? { hold } : {}),
    }
  }

  /** What a decision about the whole action means for its targets. */
  #targetsOf({ name, at }: CampaignChanged): { readonly deviceId: DeviceId; readonly event: TargetEvent }[] {
    if (name === 'abort' || name === 'cancel') {
      const event: TargetEvent = { name: 'cancel', reason: { code: 'stopped' } }
      return [...this.targets.withStatus('waiting')].map((deviceId) => ({ deviceId, event }))
    }
    if (name !== 'interrupt') return []
    const event: TargetEvent = { name: 'lose', reason: { code: 'interrupted' } }
    return this.underWay(at).map((deviceId) => ({ deviceId, event }))
  }

  /** The devices that are being asked or followed, or were when the journal ended; `at` is now. */
  underWay(at: string): readonly DeviceId[] {
    const inDoubt = [...this.targets.withStatus('unknown')].filter((deviceId) =>
      this.#isInDoubt(deviceId, at),
    )
    const busy = (['sending', 'working', 'cancelling'] as const).flatMap((status) => [
      ...this.targets.withStatus(status),
    ])
    return [...busy, ...inDoubt]
  }

  /** Whether closing the app would put it on hold: somebody is still to be asked, or is being asked or followed. */
  get needsTheApp(): boolean {
    const { counts, inDoubt } = this.targets
    const isUnderWay = counts.sending + counts.working + counts.cancelling + inDoubt > 0
    return this.started.engine !== 'job' && (isUnderWay || (counts.waiting > 0 && !this.#campaign.hold))
  }

  /** Its answer was lost, or a person had resumed it, and the time in which the truth is looked for was not over. */
  #isInDoubt(deviceId: DeviceId, at: string): boolean {
    const { reason, sentAt = '' } = this.targets.get(deviceId) ?? {}
    const { deadlineMs } = this.started
    const lastChangeAt = Date.parse(this.#lastChangeAt)
    if (reason?.code === 'no-answer') return lastChangeAt < Date.parse(sentAt) + deadlineMs
    if (reason?.code !== 'interrupted' || this.#campaign.hold || this.#campaign.hasStopped) return false
    return Date.parse(at) < lastChangeAt + deadlineMs
  }

  #touch(at: string): void {
    this.#lastChangeAt = at
    for (const listener of this.#listeners) listener()
  }
}
