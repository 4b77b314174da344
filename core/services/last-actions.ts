import type { DeviceId } from '../../contract/app/ids.ts'
import { DeviceIndex } from '../domain/device-index.ts'
import type { ActionRecord } from './action-record.ts'

/** Which action was the last on each device of one hub. */
export class LastActions {
  readonly #index = new DeviceIndex()
  readonly #actions: ActionRecord[] = []

  set(deviceIds: readonly DeviceId[], action: ActionRecord): void {
    this.#index.makeRoom(deviceIds.length)
    for (const deviceId of deviceIds) this.#actions[this.#index.add(deviceId)] = action
  }

  get(deviceId: DeviceId): ActionRecord | undefined {
    const number = this.#index.get(deviceId)
    return number === undefined ? undefined : this.#actions[number]
  }
}
