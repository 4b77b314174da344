import type { DeviceId } from '../../contract/app/ids.ts'
import { DueQueue } from '../domain/due-queue.ts'
import { nextReturnLookMs } from '../domain/looking.ts'
import type { HubPace } from './hub-pace.ts'

interface Away {
  looks: number
  dueAt: number
}

/** The devices that were offline when their turn came, and when to look whether they are back. */
export class WaitingRoom {
  readonly #pace: HubPace
  readonly #away = new Map<DeviceId, Away>()
  readonly #due = new DueQueue<{ readonly deviceId: DeviceId; readonly dueAt: number }>()

  constructor(pace: HubPace) {
    this.#pace = pace
  }

  get size(): number {
    return this.#away.size
  }

  get nextAt(): number | undefined {
    return this.#due.nextAt
  }

  deviceIds(): readonly DeviceId[] {
    return [...this.#away.keys()]
  }

  /** A device that is offline at this time: for the first time, or still. */
  add(deviceId: DeviceId, now: number): void {
    const looks = (this.#away.get(deviceId)?.looks ?? -1) + 1
    const { looking, messagesPerDay } = this.#pace
    const devices = Math.max(1, this.#away.size)
    this.#plan(deviceId, {
      looks,
      dueAt: now + nextReturnLookMs(looking, { devices, looks, messagesPerDay }),
    })
  }

  /** Somebody has seen the device: it is looked at now. */
  hurry(deviceId: DeviceId, now: number): void {
    const away = this.#away.get(deviceId)
    if (away) this.#plan(deviceId, { ...away, dueAt: now })
  }

  /** A device that is to be looked at now; it stays here until it is removed, or added again. */
  takeDue(now: number): DeviceId | undefined {
    for (let due = this.#due.takeDue(now); due; due = this.#due.takeDue(now)) {
      // What was planned anew since is in the queue twice.
      if (this.#away.get(due.deviceId)?.dueAt === due.dueAt) return due.deviceId
    }
    return undefined
  }

  remove(deviceId: DeviceId): void {
    this.#away.delete(deviceId)
  }

  #plan(deviceId: DeviceId, away: Away): void {
    this.#away.set(deviceId, away)
    this.#due.add(away.dueAt, { deviceId, dueAt: away.dueAt })
  }
}
