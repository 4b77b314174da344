import type { DeviceId } from '../../contract/app/ids.ts'
import { Phase, TargetStatus } from '../../contract/app/target.ts'
import type { Reason, Target, TargetCounts } from '../../contract/app/target.ts'
import { DeviceIndex } from './device-index.ts'
import { packEvidence, unpackEvidence } from './packed-evidence.ts'
import { changeBy, noCounts, type Change, type TargetEvent } from './target.ts'

const statuses = TargetStatus.options
const phases = Phase.options
const statusNumber = new Map(statuses.map((status, number) => [status, number]))
const phaseNumber = new Map(phases.map((phase, number) => [phase, number + 1]))
/** What stands for "absent" among the percentages. */
const noPercent = 255

/**
 * The targets of one action in columns: about a hundred bytes a target beside its evidence, where an object takes
 * four times as much. Each change has a version, so that a watcher gets what is new to it and nothing twice.
 */
export class TargetTable {
  readonly #index: DeviceIndex
  readonly #waveOf: (number: number) => number | undefined
  readonly #statuses: Uint8Array
  readonly #phases: Uint8Array
  readonly #percents: Uint8Array
  readonly #isFollowed: Uint8Array
  readonly #versions: Uint32Array
  /** Milliseconds; zero for a device that was not asked. */
  readonly #sentAt: Float64Array
  readonly #changedAt: Float64Array
  readonly #reasons = new Map<number, Reason>()
  /** As text: a string is a third of the object that it describes. */
  readonly #evidence: (string | undefined)[] = []
  readonly #counts = noCounts()
  #version = 0
  #inDoubt = 0
  #unprovable = 0

  /** All targets wait. `waveOf` says to which wave the target of that number belongs. */
  constructor(deviceIds: readonly DeviceId[], at: string, waveOf: (number: number) => number | undefined) {
    this.#index = new DeviceIndex(deviceIds)
    this.#waveOf = waveOf
    const { size } = this.#index
    this.#statuses = new Uint8Array(size)
    this.#phases = new Uint8Array(size)
    this.#percents = new Uint8Array(size).fill(noPercent)
    this.#isFollowed = new Uint8Array(size)
    this.#versions = new Uint32Array(size)
    this.#sentAt = new Float64Array(size)
    this.#changedAt = new Float64Array(size).fill(Date.parse(at))
    this.#counts.waiting = size
  }

  get size(): number {
    return this.#index.size
  }

  get version(): number {
    return this.#version
  }

  get deviceIds(): readonly DeviceId[] {
    return this.#index.ids
  }

  get counts(): Readonly<TargetCounts> {
    return this.#counts
  }

  /** How many are unknown, and somebody is still looking for the truth. */
  get inDoubt(): number {
    return this.#inDoubt
  }

  /** How many are unknown only because such devices cannot prove what they did. */
  get unprovable(): number {
    return this.#unprovable
  }

  get(deviceId: DeviceId): Target | undefined {
    const number = this.#index.get(deviceId)
    return number === undefined ? undefined : this.#at(number, deviceId)
  }

  statusOf(deviceId: DeviceId): TargetStatus | undefined {
    const number = this.#index.get(deviceId)
    return number === undefined ? undefined : this.#statusAt(number)
  }

  *values(): Generator<Target> {
    for (const [number, deviceId] of this.#index.ids.entries()) yield this.#at(number, deviceId)
  }

  /** The devices whose target has that status, in the order of their turns. */
  *withStatus(status: TargetStatus): Generator<DeviceId> {
    if (this.#counts[status] === 0) return
    const wanted = statusNumber.get(status)
    for (const [number, deviceId] of this.#index.ids.entries())
      if (this.#statuses[number] === wanted) yield deviceId
  }

  /** What was changed after that version. */
  changedSince(version: number): Target[] {
    const changed: Target[] = []
    for (const [number, deviceId] of this.#index.ids.entries())
      if ((this.#versions[number] ?? 0) > version) changed.push(this.#at(number, deviceId))
    return changed
  }

  /** Returns whether the event applies to the target. */
  apply(deviceId: DeviceId, event: TargetEvent, at: string): boolean {
    const number = this.#index.get(deviceId)
    if (number === undefined) return false
    // In columns from end to end: an object of the target for each event is most of what a replay takes.
    const change = changeBy(event, { status: this.#statusAt(number), phase: this.#phaseAt(number) })
    if (!change) return false
    this.#count(number, -1)
    this.#write(number, change, Date.parse(at))
    this.#count(number, 1)
    this.#version += 1
    this.#versions[number] = this.#version
    return true
  }

  /** Somebody looks for what became of the device, or does not any more. */
  follow(deviceId: DeviceId, isFollowed: boolean): void {
    const number = this.#index.get(deviceId)
    if (number === undefined) return
    this.#count(number, -1)
    this.#isFollowed[number] = Number(isFollowed)
    this.#count(number, 1)
  }

  #count(number: number, by: 1 | -1): void {
    const status = this.#statusAt(number)
    this.#counts[status] += by
    if (status !== 'unknown') return
    if (this.#isFollowed[number] === 1) this.#inDoubt += by
    else if (this.#reasons.get(number)?.code === 'not-provable') this.#unprovable += by
  }

  #statusAt(number: number): TargetStatus {
    return statuses[this.#statuses[number] ?? 0] ?? 'waiting'
  }

  #phaseAt(number: number): Phase | undefined {
    return phases[(this.#phases[number] ?? 0) - 1]
  }

  #write(number: number, change: Change, at: number): void {
    const { status, phase, percent, reason, evidence, keepsEvidence, isSent } = change
    this.#statuses[number] = statusNumber.get(status) ?? 0
    this.#phases[number] = (phase && phaseNumber.get(phase)) ?? 0
    this.#percents[number] = percent ?? noPercent
    this.#changedAt[number] = at
    if (isSent) this.#sentAt[number] = at
    if (reason) this.#reasons.set(number, reason)
    else this.#reasons.delete(number)
    if (!keepsEvidence) this.#evidence[number] = evidence && packEvidence(evidence)
  }

  #at(number: number, deviceId: DeviceId): Target {
    const sentAt = this.#sentAt[number] ?? 0
    const evidence = this.#evidence[number]
    return {
      deviceId,
      status: this.#statusAt(number),
      changedAt: new Date(this.#changedAt[number] ?? 0).toISOString(),
      ...(sentAt > 0 ? { sentAt: new Date(sentAt).toISOString() } : {}),
      ...present('phase', this.#phaseAt(number)),
      ...present('percent', this.#percents[number] === noPercent ? undefined : this.#percents[number]),
      ...present('reason', this.#reasons.get(number)),
      ...present('evidence', evidence === undefined ? undefined : unpackEvidence(evidence)),
      ...present('wave', this.#waveOf(number)),
    }
  }
}

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>)
}
