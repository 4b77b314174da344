import type { Presence } from './presence.ts'

/** Device-to-cloud messages. They are acknowledged and counted; nothing reads them yet. */
export class Telemetry {
  readonly #presence: Presence
  #count = 0

  constructor(presence: Presence) {
    this.#presence = presence
  }

  /** Messages since the hub started. */
  get count(): number {
    return this.#count
  }

  receive(deviceId: string): void {
    this.#count += 1
    this.#presence.noteActivity(deviceId)
  }
}
