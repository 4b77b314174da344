import type { Pacer } from './pacer.ts'

/** One meter of the hub, and how much of it an action needs for each device. */
export interface Due {
  readonly pacer: Pacer
  /** In requests of the usual size. */
  readonly cost: number
}

/** What asking one device takes from the hub's meters: now, and later when the device is back and reports. */
export class Toll {
  readonly #dues: readonly Due[]

  constructor(dues: readonly Due[]) {
    this.#dues = dues.filter(({ cost }) => cost > 0)
  }

  /** How long until the slowest of the meters lets the next one through, 0 for now. Milliseconds. */
  get waitMs(): number {
    return Math.max(0, ...this.#dues.map(({ pacer }) => pacer.waitMs))
  }

  /** When everybody may go on, where the hub has asked for a pause that is not over; milliseconds. */
  get pausedUntil(): number | undefined {
    const pauses = this.#dues.flatMap(({ pacer }) => pacer.pausedUntil ?? [])
    return pauses.length === 0 ? undefined : Math.max(...pauses)
  }

  /** The caller goes now, having looked at `waitMs`. */
  spend(): void {
    for (const { pacer, cost } of this.#dues) pacer.spend(cost)
  }
}
